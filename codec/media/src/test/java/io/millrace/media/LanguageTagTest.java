package io.millrace.media;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LanguageTagTest {
  @Test
  void theShortestTagIsTaken() {
    assertThat(LanguageTag.ofIso639("eng")).isEqualTo("en");
    assertThat(LanguageTag.ofIso639("deu")).isEqualTo("de");
    assertThat(LanguageTag.ofIso639("ger")).isEqualTo("de");
    assertThat(LanguageTag.ofIso639("fre")).isEqualTo("fr");
    assertThat(LanguageTag.ofIso639("gsw")).isEqualTo("gsw");
    assertThat(LanguageTag.ofIso639("qaa")).isEqualTo("qaa");
    assertThat(LanguageTag.ofIso639(null)).isNull();
  }

  @Test
  void broadcastHasThreeLetters() {
    assertThat(LanguageTag.toIso639("de")).isEqualTo("deu");
    assertThat(LanguageTag.toIso639("pt-BR")).isEqualTo("por");
    assertThat(LanguageTag.toIso639("qaa")).isEqualTo("qaa");
    assertThat(LanguageTag.toIso639(null)).isNull();
  }

  @Test
  void aMenuNamesALanguageInItself() {
    assertThat(LanguageTag.nameOf("de")).isEqualTo("Deutsch");
    assertThat(LanguageTag.nameOf("en")).isEqualTo("English");
    assertThat(LanguageTag.nameOf("fr")).isEqualTo("Français");
    assertThat(LanguageTag.nameOf("qaa")).isNull();
    assertThat(LanguageTag.nameOf(null)).isNull();
  }
}
