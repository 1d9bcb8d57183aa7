package io.millrace.codec.worker;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** Two ends of a Unix domain socket. */
record SocketPair(SocketChannel server, SocketChannel worker) {
  static SocketPair open() throws IOException {
    Path directory = Files.createTempDirectory("pair");
    Path path = directory.resolve("s");
    try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(UnixDomainSocketAddress.of(path));
      SocketChannel worker = SocketChannel.open(StandardProtocolFamily.UNIX);
      worker.connect(UnixDomainSocketAddress.of(path));
      return new SocketPair(listener.accept(), worker);
    } finally {
      Files.deleteIfExists(path);
      Files.delete(directory);
    }
  }
}
