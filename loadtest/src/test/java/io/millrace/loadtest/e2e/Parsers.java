package io.millrace.loadtest.e2e;

import io.millrace.loadtest.browser.Browser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Parsers of playlists and manifests that others have written: hls-parser, m3u8-parser and
 * mpd-parser, in one node process for all tests ({@code src/test/browser/parsers.mjs}).
 */
final class Parsers {
  private static @Nullable Optional<Parsers> shared;

  private final Process process;
  private final Writer questions;
  private final BufferedReader answers;

  private Parsers(Process process) {
    this.process = process;
    this.questions = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
    this.answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Empty, after a word on standard output, where node or the parsers are missing. */
  static synchronized Optional<Parsers> find() {
    Optional<Parsers> known = shared;
    if (known == null) {
      known = start();
      shared = known;
    }
    return known;
  }

  private static Optional<Parsers> start() {
    Optional<Tool> node = Tool.find("node");
    Optional<Path> modules = node.isEmpty() ? Optional.empty() : Browser.modules();
    if (node.isEmpty() || modules.isEmpty()) {
      if (Tool.inCi()) {
        throw new AssertionError("node or npm's parsers are missing, and CI=true");
      }
      System.out.println("playlists are not compared with other parsers: no node, or no npm");
      return Optional.empty();
    }
    try {
      Process process =
          new ProcessBuilder(
                  node.get()
                      .with(Browser.script("parsers.mjs").toString(), "--modules=" + modules.get()))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
      return Optional.of(new Parsers(process));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * What each of the parsers finds in a document.
   *
   * @param kind {@code master}, {@code media} or {@code mpd}
   */
  synchronized Map<String, Object> read(String kind, URI uri, String text) {
    try {
      questions.write(
          "{\"kind\":%s,\"uri\":%s,\"text\":%s}\n"
              .formatted(Json.quoted(kind), Json.quoted(uri.toString()), Json.quoted(text)));
      questions.flush();
      String answer = answers.readLine();
      if (answer == null) {
        throw new AssertionError("parsers.mjs has ended: " + process);
      }
      return Json.object(answer);
    } catch (IOException e) {
      throw new UncheckedIOException("parsers.mjs", e);
    }
  }
}
