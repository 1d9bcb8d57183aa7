package io.millrace.server;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;

/**
 * {@code ports.json} in the data directory: the ports that were really bound, for scripts and
 * tests.
 */
final class PortsFile {
  private static final String NAME = "ports.json";

  private PortsFile() {}

  /**
   * Writes, all or nothing, each service's port under its name and its address under its
   * configuration key: {@code {"rtmp": 1935, "listen.rtmp": "0.0.0.0:1935", …}}.
   *
   * @param bound by service name: {@code rtmp} for {@code listen.rtmp}
   */
  static void write(Path dataDir, Map<String, InetSocketAddress> bound) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.useDefaultPrettyPrinter();
      json.writeStartObject();
      for (var entry : bound.entrySet()) {
        InetSocketAddress address = entry.getValue();
        json.writeNumberField(entry.getKey(), address.getPort());
        json.writeStringField("listen." + entry.getKey(), NetUtil.toSocketAddressString(address));
      }
      json.writeEndObject();
    }
    Path temporary = Files.createTempFile(dataDir, NAME, ".tmp");
    try {
      Files.writeString(temporary, text + "\n");
      Files.move(temporary, dataDir.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Removes the file: nothing listens any more. */
  static void delete(Path dataDir) throws IOException {
    Files.deleteIfExists(dataDir.resolve(NAME));
  }
}
