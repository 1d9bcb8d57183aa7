package io.millrace.server.cli;

import io.millrace.server.worker.WorkerCache;
import io.millrace.server.worker.WorkerMain;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code millrace worker}: the process that decodes and encodes a stream. Servers start it, without
 * this command line; people have no use for it but the second option, which the launcher uses.
 */
@Command(
    name = "worker",
    hidden = true,
    description = "Decodes and encodes one stream for a server that has started it.",
    mixinStandardHelpOptions = true)
final class WorkerCommand implements Callable<Integer> {
  @ArgGroup(multiplicity = "1")
  private What what = new What();

  /** One of two. */
  static final class What {
    @Option(names = "--socket", paramLabel = "PATH", description = "where the server listens")
    private @Nullable Path socket;

    @Option(
        names = "--make-cache",
        paramLabel = "FILE",
        description = "makes the cache that workers start from")
    private @Nullable Path cache;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path socket = what.socket;
    if (socket != null) {
      return WorkerMain.work(socket);
    }
    Path cache = what.cache;
    return cache == null ? MillraceCommand.BAD_USAGE : WorkerCache.make(cache);
  }
}
