package io.millrace.packager;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A value that is made when it is first asked for, by whoever asks first; others who ask meanwhile
 * wait for that one, and later ones take no lock. What it is made from is let go of then.
 */
final class Once<T> implements Supplier<T> {
  private @Nullable Supplier<T> maker;
  private volatile @Nullable T value;

  Once(Supplier<T> maker) {
    this.maker = maker;
  }

  @Override
  public T get() {
    T made = value;
    return made == null ? make() : made;
  }

  private synchronized T make() {
    T made = value;
    Supplier<T> once = maker;
    if (made == null && once != null) {
      made = once.get();
      value = made;
      maker = null;
    }
    if (made == null) {
      throw new IllegalStateException("nothing was made");
    }
    return made;
  }
}
