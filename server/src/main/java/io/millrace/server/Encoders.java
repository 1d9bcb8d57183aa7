package io.millrace.server;

import io.millrace.codec.ladder.Engines;
import io.millrace.codec.ladder.LadderEngines;
import io.millrace.codec.quality.QualitySampling;
import io.millrace.codec.svtav1.SvtAv1Engines;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The native encoders, loaded beside the start of the server so that listening need not wait for
 * them.
 */
final class Encoders implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Encoders.class);

  private final CompletableFuture<SvtAv1Engines> av1;

  private Encoders(CompletableFuture<SvtAv1Engines> av1) {
    this.av1 = av1;
  }

  /**
   * Begins to load.
   *
   * @param library an SVT-AV1 library that the operator named, or null
   */
  static Encoders load(@Nullable Path library) {
    CompletableFuture<SvtAv1Engines> loaded = new CompletableFuture<>();
    Thread.ofPlatform()
        .name("encoders")
        .daemon()
        .start(
            () -> {
              try {
                SvtAv1Engines engines =
                    SvtAv1Engines.select(library, SvtAv1Engines.Preference.NEWEST);
                LOG.atInfo()
                    .addKeyValue("engine", engines.choice().engine())
                    .addKeyValue("version", engines.choice().version())
                    .addKeyValue("why", engines.choice().why())
                    .log("AV1 encoder chosen");
                loaded.complete(engines);
              } catch (RuntimeException | LinkageError e) {
                LOG.atError().setCause(e).log("no encoder can be loaded, only passthrough works");
                loaded.completeExceptionally(e);
              }
            });
    return new Encoders(loaded);
  }

  /**
   * Opens ladders in this process; the first encoder waits until they are loaded, on its rung's
   * thread.
   *
   * @param quality how rungs with a quality target are looked at; null: they are not
   */
  LadderEngines engines(@Nullable QualitySampling quality) {
    return LadderEngines.inProcess(
        (settings, account) -> new Engines(av1.join()).open(settings, account), quality);
  }

  @Override
  public void close() {
    av1.thenAccept(SvtAv1Engines::close);
  }
}
