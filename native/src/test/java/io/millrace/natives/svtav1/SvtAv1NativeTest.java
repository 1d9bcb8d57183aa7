package io.millrace.natives.svtav1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SvtAv1NativeTest {
  @Test
  void constantsAreTheSameOnBothSides() {
    assertThat(SvtAv1Native.constants()).containsExactly(SvtAv1Native.CONSTANTS);
  }

  @Test
  void aHandleThatIsNoneThrowsInsteadOfCrashing() {
    assertThatThrownBy(() -> SvtAv1Native.libraryVersion(0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SvtAv1Native.createEncoder(0, 128, 128))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SvtAv1Native.startEncoder(0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SvtAv1Native.closeEncoder(0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aLibraryThatIsNoSvtAv1SaysSo() {
    assertThat(SvtAv1Library.probe("libSvtAv1Enc.so.0")).isEmpty();
    assertThatThrownBy(() -> SvtAv1Library.open("libm.so.6"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("function is missing");
  }

  @Test
  void versionsAreOrderedByAge() {
    assertThat(new SvtAv1Version(3, 1, 2)).isGreaterThan(new SvtAv1Version(1, 4, 1));
    assertThat(new SvtAv1Version(2, 3, 0).isAtLeast(2, 3)).isTrue();
    assertThat(new SvtAv1Version(2, 3, 0).isAtLeast(3, 0)).isFalse();
  }
}
