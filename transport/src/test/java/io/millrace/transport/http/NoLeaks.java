package io.millrace.transport.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Makes a test class fail for a buffer that its tests left unreleased. */
public final class NoLeaks implements BeforeAllCallback, AfterAllCallback {
  private final Queue<String> leaks = new ConcurrentLinkedQueue<>();

  @Override
  public void beforeAll(ExtensionContext context) {
    collect();
    ByteBufUtil.setLeakListener((type, records) -> leaks.add(type + "\n" + records));
  }

  @Override
  public void afterAll(ExtensionContext context) {
    collect();
    ByteBufUtil.setLeakListener(null);
    assertThat(leaks).isEmpty();
  }

  /** A leak is found when its buffer was collected, and told at the next allocations. */
  private static void collect() {
    for (int i = 0; i < 3; i++) {
      System.gc();
      for (int j = 0; j < 100; j++) {
        Unpooled.buffer(1).release();
      }
    }
  }
}
