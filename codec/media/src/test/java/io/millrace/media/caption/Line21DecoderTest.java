package io.millrace.media.caption;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class Line21DecoderTest {
  private final Line21Decoder decoder = new Line21Decoder(false);
  private boolean changed;

  private static byte parity(int value) {
    return (byte) (Integer.bitCount(value) % 2 == 0 ? value | 0x80 : value);
  }

  /** Pairs as hexadecimal digits; control codes as often as they stand there. */
  private void send(String pairs) {
    changed = false;
    for (String pair : pairs.split(" ")) {
      int code = Integer.parseInt(pair, 16);
      changed |= decoder.take(parity(code >> 8), parity(code & 0x7F));
    }
  }

  private void write(String text) {
    for (int i = 0; i < text.length(); i += 2) {
      int second = i + 1 < text.length() ? text.charAt(i + 1) : 0;
      changed |= decoder.take(parity(text.charAt(i)), parity(second));
    }
  }

  @Test
  void popOnAppearsWhole() {
    send("1420 1420 142E 142E 1340 1340");
    write("Good ");
    send("1440 1440 1721");
    write("evening");
    assertThat(changed).isFalse();
    assertThat(decoder.text()).isEmpty();
    send("142F 142F");
    assertThat(changed).isTrue();
    assertThat(decoder.text()).isEqualTo("Good\nevening");
    send("142C 142C");
    assertThat(decoder.text()).isEmpty();
  }

  @Test
  void theNextCaptionIsWrittenBehindTheOneThatIsShown() {
    send("1420 1420 1470 1470");
    write("one");
    send("142F 142F 142E 142E 1470 1470");
    write("two");
    assertThat(decoder.text()).isEqualTo("one");
    send("142F 142F");
    assertThat(decoder.text()).isEqualTo("two");
  }

  @Test
  void rollUpKeepsItsRows() {
    send("1425 1425 142D 142D 1470 1470");
    write("first");
    assertThat(changed).isTrue();
    assertThat(decoder.text()).isEqualTo("first");
    send("142D 142D");
    write("second");
    assertThat(decoder.text()).isEqualTo("first\nsecond");
    send("142D 142D");
    write("third");
    assertThat(decoder.text()).isEqualTo("second\nthird");
    send("1426 1426 142D 142D");
    write("fourth");
    assertThat(decoder.text()).isEqualTo("second\nthird\nfourth");
  }

  @Test
  void paintOnAndCorrections() {
    send("1429 1429 1470 1470");
    write("abcd");
    send("1421 1421");
    write("e");
    assertThat(decoder.text()).isEqualTo("abce");
    send("1474 1474 1424 1424"); // column 8: nothing there
    assertThat(decoder.text()).isEqualTo("abce");
    send("1470 1470 1424 1424");
    assertThat(decoder.text()).isEmpty();
  }

  @Test
  void charactersOfEveryTable() {
    send("1429 1429 1470 1470");
    write("*\\^_`{|}~n");
    send("1137 1137");
    write("A");
    send("1230 1230");
    write("O");
    send("1332 1332");
    assertThat(decoder.text()).isEqualTo("áéíóúç÷Ññn♪ÀÖ");
  }

  @Test
  void otherChannelsAndWhatIsBrokenAreLeftOut() {
    send("1429 1429 1470 1470");
    write("mine");
    send("1C29 1C29 1C70 1C70"); // CC2
    write("theirs");
    send("1429 1429");
    decoder.take((byte) ('x' | (parity('x') < 0 ? 0 : 0x80)), parity('y'));
    assertThat(decoder.text()).isEqualTo("mine");
  }

  @Test
  void anyBytesAreTaken() {
    Random random = new Random(5);
    for (int i = 0; i < 200_000; i++) {
      decoder.take(parity(random.nextInt(128)), parity(random.nextInt(128)));
      if (i % 1000 == 0) {
        assertThat(decoder.text().lines().count()).isLessThanOrEqualTo(15);
      }
    }
  }
}
