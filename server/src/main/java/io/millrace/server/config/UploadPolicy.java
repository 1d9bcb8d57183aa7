package io.millrace.server.config;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * An S3 store.
 *
 * @param endpoint of a store that is not AWS; null: AWS
 * @param prefix in front of the objects' names; may be empty
 * @param credentials null: those of the environment
 * @param delete whether a recording is removed here when it is there
 */
public record UploadPolicy(
    @Nullable URI endpoint,
    String bucket,
    String prefix,
    String region,
    @Nullable Credentials credentials,
    boolean delete) {

  /** An access key with its secret, which is never shown. */
  public record Credentials(String accessKey, String secretKey) {
    @Override
    public String toString() {
      return "(secret)";
    }
  }
}
