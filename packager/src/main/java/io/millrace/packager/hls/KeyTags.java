package io.millrace.packager.hls;

import io.millrace.packager.crypt.ContentKey;
import io.millrace.packager.crypt.DrmSystem;
import io.millrace.packager.crypt.KeyAddress;
import io.millrace.packager.crypt.Protection;
import io.millrace.packager.crypt.Scheme;
import io.millrace.packager.segment.InitSegment;
import io.millrace.packager.segment.Segment;
import io.millrace.packager.window.RenditionView;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code EXT-X-KEY} and {@code EXT-X-SESSION-KEY} (RFC 8216bis §4.4.4.4, §4.4.6.5).
 *
 * <p>Of common encryption a tag for each way to the key: a Clear Key licence through EME ({@code
 * org.w3.clearkey}), and whatever the key server gave for DRM systems. The key itself ({@code
 * identity}) is not offered beside them: hls.js takes that before everything else, and cannot
 * decrypt samples of fragments without EME.
 *
 * @param scheme null where nothing is encrypted
 */
public record KeyTags(@Nullable Scheme scheme, KeyAddress address) {
  private static final String KEY = "#EXT-X-KEY:";
  private static final String SESSION_KEY = "#EXT-X-SESSION-KEY:";
  private static final KeyTags NONE = new KeyTags(null, KeyAddress.ELSEWHERE);

  public static KeyTags of(@Nullable Protection protection) {
    return protection == null ? NONE : new KeyTags(protection.scheme(), protection.address());
  }

  /**
   * A key holds for the {@code EXT-X-MAP} behind it, too. Init segments name the key of encrypted
   * samples; they are never encrypted themselves.
   */
  void beforeMap(StringBuilder out, InitSegment next, @Nullable InitSegment before) {
    ContentKey key = next.key();
    if (key != null && scheme == Scheme.AES_128) {
      out.append(before == null ? "" : "#EXT-X-KEY:METHOD=NONE\n");
    } else if (key != null) {
      tags(out, KEY, key, true);
    }
  }

  void behindMap(StringBuilder out, InitSegment next) {
    ContentKey key = next.key();
    if (key != null && scheme == Scheme.AES_128) {
      tags(out, KEY, key, true);
    }
  }

  /** The keys of the newest segments, so that players may ask for them early. */
  void session(StringBuilder out, List<RenditionView> videos, List<RenditionView> audios) {
    Set<ContentKey> keys = new LinkedHashSet<>();
    for (List<RenditionView> views : List.of(videos, audios)) {
      for (RenditionView view : views) {
        Segment newest = view.window().newestSegment();
        ContentKey key = newest == null ? null : newest.init().key();
        if (key != null) {
          keys.add(key);
        }
      }
    }
    keys.forEach(key -> tags(out, SESSION_KEY, key, false));
  }

  private void tags(StringBuilder out, String tag, ContentKey key, boolean inMedia) {
    switch (scheme) {
      case AES_128 ->
          out.append(tag)
              .append("METHOD=AES-128,URI=\"")
              .append(address.key(key.kid()))
              .append("\"\n");
      case CBCS -> sampleKeys(out, tag, "SAMPLE-AES", key, inMedia);
      case CENC -> sampleKeys(out, tag, "SAMPLE-AES-CTR", key, inMedia);
      case null -> {}
    }
  }

  private void sampleKeys(
      StringBuilder out, String tag, String method, ContentKey key, boolean inMedia) {
    if (!address.license().isEmpty()) {
      tag(out, tag, method, address.license() + "?kid=" + key.kid(), "org.w3.clearkey", key);
    }
    for (DrmSystem system : key.systems()) {
      out.append(inMedia ? system.hlsMedia() : system.hlsMaster());
    }
  }

  private static void tag(
      StringBuilder out, String tag, String method, String uri, String format, ContentKey key) {
    out.append(tag).append("METHOD=").append(method).append(",URI=\"").append(uri);
    out.append("\",KEYFORMAT=\"").append(format).append("\",KEYFORMATVERSIONS=\"1\",KEYID=0x");
    out.append(key.kid().toString().replace("-", "")).append('\n');
  }
}
