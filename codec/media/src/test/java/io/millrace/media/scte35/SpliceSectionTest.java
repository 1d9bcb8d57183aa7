package io.millrace.media.scte35;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.media.MediaFormatException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SpliceSectionTest {
  /** SCTE 35 §14.2: out of the network for 60.293 s, with an avail descriptor behind it. */
  static final byte[] OUT =
      decode("/DAvAAAAAAAA///wFAVIAACPf+/+c2nALv4AUsz1AAAAAAAKAAhDVUVJAAABNWLbowo=");

  /** §14.1: a provider placement opportunity of 307 s. */
  static final byte[] OPPORTUNITY_START =
      decode("/DA0AAAAAAAA///wBQb+cr0AUAAeAhxDVUVJSAAAjn/PAAGlmbAICAAAAAAsoKGKNAIAmsnRfg==");

  /** §14.3: the end of one. */
  static final byte[] OPPORTUNITY_END =
      decode("/DAvAAAAAAAA///wBQb+dGKQoAAZAhdDVUVJSAAAjn+fCAgAAAAALKChijUCAKnMZ1g=");

  private static byte[] decode(String base64) {
    return Base64.getDecoder().decode(base64);
  }

  @Test
  void examplesOfTheStandard() {
    assertThat(SpliceSection.parse(OUT))
        .isEqualTo(
            new SpliceSection(
                new SpliceCommand.Insert(0x4800_008FL, false, true, true, 5_426_421, true),
                List.of()));
    assertThat(SpliceSection.parse(OPPORTUNITY_START))
        .isEqualTo(
            new SpliceSection(
                new SpliceCommand.TimeSignal(true),
                List.of(new Segmentation(0x4800_008EL, false, 0x34, 307L * 90_000))));
    assertThat(SpliceSection.parse(OPPORTUNITY_END).segmentations())
        .containsExactly(new Segmentation(0x4800_008EL, false, 0x35, SpliceCommand.UNKNOWN));
  }

  @Test
  void whatIsCancelledSaysNothingElse() {
    byte[] cancel = OUT.clone();
    cancel[18] |= (byte) 0x80; // splice_event_cancel_indicator
    assertThat(SpliceSection.parse(cancel).command())
        .isEqualTo(
            new SpliceCommand.Insert(
                0x4800_008FL, true, false, false, SpliceCommand.UNKNOWN, false));
    byte[] cancelled = OPPORTUNITY_START.clone();
    cancelled[31] |= (byte) 0x80; // segmentation_event_cancel_indicator
    assertThat(SpliceSection.parse(cancelled).segmentations())
        .containsExactly(new Segmentation(0x4800_008EL, true, 0, SpliceCommand.UNKNOWN));
  }

  @Test
  void whatIsEncryptedIsNotRead() {
    byte[] encrypted = OUT.clone();
    encrypted[4] |= (byte) 0x80;
    assertThat(SpliceSection.parse(encrypted).command())
        .isInstanceOf(SpliceCommand.Encrypted.class);
  }

  @Test
  void onlyWhatReplacesTheProgrammeSplices() {
    assertThat(new Segmentation(1, false, 0x10, -1).splices()).isFalse(); // programme start
    assertThat(new Segmentation(1, false, 0x20, -1).splices()).isFalse(); // chapter start
    assertThat(new Segmentation(1, false, 0x22, -1).splices()).isTrue(); // break start
    assertThat(new Segmentation(1, false, 0x35, -1).splices()).isTrue();
    assertThat(new Segmentation(1, false, 0x35, -1).out()).isFalse();
    assertThat(new Segmentation(1, false, 0x50, -1).splices()).isFalse(); // network start
  }

  @Test
  void whatIsCutOffOrRandomIsMalformedAndNothingWorse() {
    for (byte[] section : List.of(OUT, OPPORTUNITY_START)) {
      for (int size = 0; size < 18; size++) {
        byte[] cut = Arrays.copyOf(section, size);
        assertThatThrownBy(() -> SpliceSection.parse(cut)).isInstanceOf(MediaFormatException.class);
      }
      Random random = new Random(35);
      for (int i = 0; i < 2000; i++) {
        byte[] broken = section.clone();
        broken[1 + random.nextInt(broken.length - 1)] = (byte) random.nextInt();
        try {
          assertThat(SpliceSection.parse(broken).command()).isNotNull();
        } catch (MediaFormatException e) {
          assertThat(e.kind()).isEqualTo(MediaFormatException.Kind.MALFORMED);
        }
      }
    }
  }
}
