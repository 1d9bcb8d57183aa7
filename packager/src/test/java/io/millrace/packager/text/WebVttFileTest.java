package io.millrace.packager.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.packager.text.WebVttFile.Cue;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WebVttFileTest {
  private static List<Cue> read(String text) throws WebVttException {
    return WebVttFile.read(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void cuesOfEveryForm() throws WebVttException {
    String file =
        "\uFEFFWEBVTT - a comment\r\nKind: captions\r\n\r\n"
            + "NOTE nothing\r\nto show\r\n\r\n"
            + "STYLE\r\n::cue { color: red }\r\n\r\n"
            + "intro\r\n00:01.000 --> 00:02.500 line:90% align:start region:r\r\n"
            + "<v Ann>Good <i>evening</i>\r\n- &amp; welcome\r\n\r\n\r\n"
            + "01:00:00.000 --> 100:00:00.001\r\nשלום، 你好";
    assertThat(read(file))
        .containsExactly(
            new Cue(
                1_000,
                2_500,
                "line:90% align:start",
                "<v Ann>Good <i>evening</i>\n- &amp; welcome"),
            new Cue(3_600_000, 360_000_001, "", "שלום، 你好"));
  }

  @Test
  void aFileMayBeEmpty() throws WebVttException {
    assertThat(read("WEBVTT")).isEmpty();
    assertThat(read("WEBVTT\n\n\n")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1 | ",
        "1 | WEBVTTX",
        "1 | 1;00:00:01,000 --> 00:00:02,000;an SRT file",
        "2 | WEBVTT;00:01.000 --> 00:02.000;a",
        "2 | WEBVTT;X-TIMESTAMP-MAP=LOCAL:00:00.000,MPEGTS:0;;00:01.000 --> 00:02.000;a",
        "3 | WEBVTT;;00:01,000 --> 00:02,000;a",
        "3 | WEBVTT;;00:02.000 --> 00:02.000;a",
        "3 | WEBVTT;;00:61.000 --> 01:02.000;a",
        "3 | WEBVTT;;00:01.000 --> 00:02.000 volume:11;a",
        "4 | WEBVTT;;00:01.000 --> 00:02.000;",
        "4 | WEBVTT;;name;other;00:01.000 --> 00:02.000;a",
        "5 | WEBVTT;;00:01.000 --> 00:02.000;a;00:03.000 --> 00:04.000;b",
        "4 | WEBVTT;;00:01.000 --> 00:02.000;a\u0007b",
      })
  void whatIsWrongIsToldWithItsLine(int line, String file) {
    assertThatThrownBy(() -> read(file == null ? "" : file.replace(';', '\n')))
        .isInstanceOfSatisfying(
            WebVttException.class, e -> assertThat(e.line()).as(e.getMessage()).isEqualTo(line));
  }

  @Test
  void whatIsNoTextOrTooMuchIsRefused() {
    assertThatThrownBy(() -> WebVttFile.read(new byte[] {'W', (byte) 0xC3, '('}))
        .hasMessageContaining("UTF-8");
    assertThatThrownBy(() -> read("WEBVTT\n\n00:01.000 --> 00:02.000\n" + "x".repeat(2_001)))
        .hasMessageContaining("line 4");
    StringBuilder many = new StringBuilder("WEBVTT\n");
    for (int i = 0; i <= WebVttFile.MAX_CUES; i++) {
      many.append("\n00:01.000 --> 00:02.000\na\n");
    }
    assertThatThrownBy(() -> read(many.toString())).hasMessageContaining("cues");
  }

  /** Whatever is read can be written, and whatever comes is read or refused. */
  @Test
  void anyBytesAreReadOrRefused() {
    Random random = new Random(7);
    String[] pieces = {
      "WEBVTT",
      "\n",
      "\r",
      "\n\n",
      "\n\n00:01.000 --> 00:02.000\na",
      "00:01.000",
      " --> ",
      "00:02.000",
      "a",
      " ",
      "NOTE",
      "é",
      "\t",
      "line:1",
      "STYLE",
      "\0"
    };
    int taken = 0;
    for (int i = 0; i < 20_000; i++) {
      StringBuilder file = new StringBuilder(random.nextInt(4) > 0 ? "WEBVTT\n\n" : "");
      for (int j = random.nextInt(12); j > 0; j--) {
        file.append(pieces[random.nextInt(pieces.length)]);
      }
      List<Cue> cues;
      try {
        cues = read(file.toString());
      } catch (WebVttException e) {
        assertThat(e.line()).isPositive();
        continue;
      }
      for (Cue cue : cues) {
        taken++;
        TextCue made =
            new TextCue(
                "1",
                TextCue.ticks(cue.startMs()),
                TextCue.ticks(cue.endMs()),
                false,
                cue.settings(),
                cue.text());
        assertThat(made.text()).isNotBlank();
      }
    }
    assertThat(taken).isPositive();
  }
}
