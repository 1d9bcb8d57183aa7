package io.millrace.packager.crypt;

import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackFormat;
import io.millrace.packager.bmff.Box;
import io.millrace.packager.bmff.ContainerBox;
import io.millrace.packager.bmff.OriginalFormatBox;
import io.millrace.packager.bmff.SampleAuxiliary;
import io.millrace.packager.bmff.SchemeTypeBox;
import io.millrace.packager.bmff.TrackEncryptionBox;
import io.netty.buffer.ByteBuf;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts the samples of one track, in decoding order, with one key for each segment. The init
 * segment names the key, so a new key means a new init segment: HLS then has a new {@code
 * EXT-X-MAP} with its {@code EXT-X-KEY}, DASH a new period with its {@code ContentProtection}, and
 * both show players the key of what they are about to load, which sample groups ({@code seig})
 * inside the media would not.
 *
 * <p>Confined to the packager's thread.
 */
public final class TrackProtection {
  private static final byte[] NO_IV = {};
  private static final int[] NO_RANGES = {};

  private final Protection protection;
  private final @Nullable SampleCipher cipher;
  private @Nullable TrackFormat format;
  private @Nullable SampleMap map;
  private @Nullable ContentKey key;

  public TrackProtection(Protection protection) {
    this.protection = protection;
    this.cipher =
        protection.scheme().isCommonEncryption() ? SampleCipher.of(protection.scheme()) : null;
  }

  /** False where whole segments are encrypted, by somebody else. */
  public boolean encryptsSamples() {
    return cipher != null;
  }

  /**
   * The key of the interval that {@code boundary} starts, in which samples have {@code newFormat};
   * null as long as there is none.
   *
   * @throws io.millrace.media.MediaFormatException for a format that cannot be encrypted
   */
  public @Nullable ContentKey begin(Boundary boundary, TrackFormat newFormat) {
    ContentKey next = protection.keyOf(boundary);
    if (next == null) {
      return null;
    }
    SampleCipher ciphers = cipher;
    if (ciphers == null) {
      return next;
    }
    if (!newFormat.equals(format)) {
      map = SampleMap.of(newFormat);
      format = newFormat;
    }
    if (!next.equals(key)) {
      key = next;
      try {
        ciphers.key(next);
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("content key does not fit", e);
      }
    }
    return next;
  }

  /** {@code sinf}, the last child of a sample entry whose type was {@code originalFormat}. */
  public static Box protectionScheme(
      Scheme scheme, ContentKey key, TrackFormat format, String originalFormat) {
    boolean pattern = scheme == Scheme.CBCS && format instanceof TrackFormat.Video;
    boolean constantIv = scheme == Scheme.CBCS;
    TrackEncryptionBox encryption =
        new TrackEncryptionBox(
            pattern ? CbcsCipher.CRYPT_BLOCKS : 0,
            pattern ? CbcsCipher.SKIP_BLOCKS : 0,
            constantIv ? 0 : CencCipher.IV_BYTES,
            key.kid(),
            constantIv ? key.iv() : NO_IV);
    return ContainerBox.of(
        "sinf",
        new OriginalFormatBox(originalFormat),
        new SchemeTypeBox(scheme.fourCc()),
        ContainerBox.of("schi", encryption));
  }

  public Scheme scheme() {
    return protection.scheme();
  }

  /**
   * What is to be said of the samples of one fragment, in order; empty where the init segment says
   * everything.
   *
   * @param samples borrowed
   * @throws io.millrace.media.MediaFormatException for a sample that cannot be understood: nothing
   *     of it may be published
   */
  public Fragment fragment(List<ByteBuf> samples) {
    SampleMap mapping = map;
    SampleCipher ciphers = cipher;
    if (mapping == null || ciphers == null) {
      throw new IllegalStateException("no segment has begun");
    }
    int ivBytes = scheme() == Scheme.CENC ? CencCipher.IV_BYTES : 0;
    Ranges.Alignment alignment =
        scheme() == Scheme.CENC ? Ranges.Alignment.HEAD_CLEAR : mapping.cbcsAlignment();
    Ranges ranges = new Ranges(alignment, ivBytes);
    List<SampleAuxiliary> auxiliary = new ArrayList<>(samples.size());
    for (ByteBuf sample : samples) {
      int[] runs = NO_RANGES;
      if (mapping.hasRanges()) {
        mapping.map(sample, ranges);
        runs = ranges.take();
      }
      auxiliary.add(new SampleAuxiliary(ciphers.nextIv(), runs));
    }
    return new Fragment(ciphers, mapping.hasRanges(), auxiliary);
  }

  /** One fragment on its way. */
  public final class Fragment {
    private final SampleCipher ciphers;
    private final boolean hasRanges;
    private final List<SampleAuxiliary> samples;

    private Fragment(SampleCipher ciphers, boolean hasRanges, List<SampleAuxiliary> samples) {
      this.ciphers = ciphers;
      this.hasRanges = hasRanges;
      this.samples = samples;
    }

    /** True where {@code senc} is needed. */
    public boolean hasAuxiliary() {
      return hasRanges || scheme() == Scheme.CENC;
    }

    public boolean hasRanges() {
      return hasRanges;
    }

    public List<SampleAuxiliary> samples() {
      return samples;
    }

    /** Encrypts sample {@code index} where it stands. */
    public void encrypt(int index, byte[] bytes, int offset, int sizeBytes) {
      SampleAuxiliary sample = samples.get(index);
      try {
        if (hasRanges) {
          ciphers.encrypt(bytes, offset, sample.ranges(), sample.iv());
        } else {
          ciphers.encrypt(bytes, offset, sizeBytes, sample.iv());
        }
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("AES failed", e);
      }
    }
  }
}
