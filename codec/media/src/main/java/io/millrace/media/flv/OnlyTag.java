package io.millrace.media.flv;

import io.millrace.media.MediaFormatException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Takes the one tag of a message. */
final class OnlyTag<T> implements Consumer<T> {
  private @Nullable T tag;

  static <T> T of(Consumer<Consumer<T>> parser) {
    OnlyTag<T> only = new OnlyTag<>();
    parser.accept(only);
    if (only.tag == null) {
      throw new AssertionError("a message has at least one tag");
    }
    return only.tag;
  }

  @Override
  public void accept(T next) {
    if (tag != null) {
      throw MediaFormatException.unsupported("several tracks in one message");
    }
    tag = next;
  }
}
