package io.millrace.loadtest.viewers;

import io.millrace.loadtest.process.ManagedProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A certificate for a peer on this machine, made by openssl. */
public record Pem(Path certificate, Path key) {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** ECDSA P-256, as the one that Millrace makes for itself. */
  public static Pem write(Path directory) throws IOException, InterruptedException {
    Path certificate = directory.resolve("cert.pem");
    Path key = directory.resolve("key.pem");
    ManagedProcess.output(
        LIMIT,
        directory,
        List.of(
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
            "-keyout",
            key.toString(),
            "-out",
            certificate.toString()));
    return new Pem(certificate, key);
  }
}
