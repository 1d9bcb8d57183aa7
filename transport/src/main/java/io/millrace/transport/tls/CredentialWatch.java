package io.millrace.transport.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices that the certificate or key file was replaced, also by a symbolic link that turned, as
 * Kubernetes does it. Whoever owns it calls {@link #check} every few seconds.
 *
 * <p>Files that do not fit yet (one of the two is written first) or are broken change nothing: the
 * old credentials stay in use, the fault is logged once for each state of the files.
 */
public final class CredentialWatch implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(CredentialWatch.class);

  private record Stamp(Path file, @Nullable Object fileKey, FileTime modified, long sizeBytes) {}

  private record State(Stamp certificate, Stamp key) {}

  private final Path certificateFile;
  private final Path keyFile;
  private final Consumer<TlsCredentials> change;
  private @Nullable State seen;

  /**
   * @param change told of new credentials, on the thread of {@link #check}
   */
  public CredentialWatch(Path certificateFile, Path keyFile, Consumer<TlsCredentials> change) {
    this.certificateFile = certificateFile;
    this.keyFile = keyFile;
    this.change = change;
    this.seen = state();
  }

  /** {@link #check}, for a scheduler. */
  @Override
  public void run() {
    check();
  }

  /** Reloads if the files are others than at the last call. True when {@code change} was told. */
  public synchronized boolean check() {
    State state = state();
    if (state == null || state.equals(seen)) {
      return false;
    }
    seen = state;
    try {
      TlsCredentials credentials = TlsCredentials.load(certificateFile, keyFile);
      change.accept(credentials);
      LOG.atInfo()
          .addKeyValue("file", certificateFile)
          .addKeyValue("sha256", credentials.fingerprint())
          .log("certificate reloaded");
      return true;
    } catch (IOException | TlsCredentialsException e) {
      LOG.atWarn()
          .addKeyValue("file", certificateFile)
          .addKeyValue("reason", e.getMessage())
          .log("certificate not reloaded, the former one stays");
      return false;
    }
  }

  private @Nullable State state() {
    try {
      return new State(stamp(certificateFile), stamp(keyFile));
    } catch (IOException e) {
      return null; // between the removal of one file and the arrival of the next
    }
  }

  private static Stamp stamp(Path file) throws IOException {
    Path real = file.toRealPath();
    BasicFileAttributes attributes = Files.readAttributes(real, BasicFileAttributes.class);
    return new Stamp(real, attributes.fileKey(), attributes.lastModifiedTime(), attributes.size());
  }
}
