package io.millrace.server.record;

import io.millrace.server.config.UploadPolicy;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.Part;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * A bucket of an S3 store. Small files are sent in one request, larger ones in parts; what an
 * earlier attempt has left of those is used.
 *
 * <p>Blocks; throws {@link IOException} for whatever may be better another time. Thread-safe.
 */
final class ObjectStore implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(10);
  private static final Duration SILENCE = Duration.ofSeconds(60);

  private final S3Client client;
  private final UploadPolicy policy;
  private final UploadSettings settings;

  ObjectStore(UploadPolicy policy, UploadSettings settings) {
    this.policy = policy;
    this.settings = settings;
    S3ClientBuilder builder =
        S3Client.builder()
            .httpClientBuilder(
                UrlConnectionHttpClient.builder().connectionTimeout(CONNECT).socketTimeout(SILENCE))
            .region(Region.of(policy.region()))
            .credentialsProvider(credentials(policy.credentials()))
            // Stores that are not AWS need not know checksums in trailers; TLS and ETags guard
            // bytes.
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED);
    URI endpoint = policy.endpoint();
    if (endpoint != null) {
      builder.endpointOverride(endpoint).forcePathStyle(true);
    }
    this.client = builder.build();
  }

  private static AwsCredentialsProvider credentials(UploadPolicy.@Nullable Credentials given) {
    return given == null
        ? EnvironmentVariableCredentialsProvider.create()
        : StaticCredentialsProvider.create(
            AwsBasicCredentials.create(given.accessKey(), given.secretKey()));
  }

  /**
   * Sends a file; an object of that name is replaced.
   *
   * @param sent told of bytes as they have arrived
   */
  void put(Path file, String name, String contentType, LongConsumer sent) throws IOException {
    long size = Files.size(file);
    try {
      if (size > settings.partBytes()) {
        putParts(file, size, name, contentType, sent);
        return;
      }
      client.putObject(
          request -> request.bucket(policy.bucket()).key(name).contentType(contentType),
          RequestBody.fromContentProvider(() -> open(file, 0, size), size, contentType));
      sent.accept(size);
    } catch (SdkException | UncheckedIOException | IllegalStateException e) {
      throw new IOException(reason(e), e);
    }
  }

  private void putParts(Path file, long size, String name, String contentType, LongConsumer sent)
      throws IOException {
    long partBytes = settings.partBytes(size);
    String uploadId = begun(name);
    Map<Integer, Part> there = uploadId == null ? Map.of() : parts(name, uploadId);
    if (uploadId == null) {
      uploadId =
          client
              .createMultipartUpload(
                  request -> request.bucket(policy.bucket()).key(name).contentType(contentType))
              .uploadId();
    }
    String id = uploadId;
    List<CompletedPart> done = new ArrayList<>();
    int number = 1;
    for (long at = 0; at < size; at += partBytes) {
      long from = at;
      long length = Math.min(partBytes, size - at);
      int each = number++;
      Part known = there.get(each);
      String tag = known != null && known.size() == length ? known.eTag() : null;
      if (tag == null) {
        tag =
            client
                .uploadPart(
                    request ->
                        request.bucket(policy.bucket()).key(name).uploadId(id).partNumber(each),
                    RequestBody.fromContentProvider(
                        () -> open(file, from, length), length, contentType))
                .eTag();
        sent.accept(length);
      }
      done.add(CompletedPart.builder().partNumber(each).eTag(tag).build());
    }
    client.completeMultipartUpload(
        request ->
            request
                .bucket(policy.bucket())
                .key(name)
                .uploadId(id)
                .multipartUpload(parts -> parts.parts(done)));
  }

  /** An upload of this name that was begun and not completed; null where there is none. */
  private @Nullable String begun(String name) {
    for (MultipartUpload upload :
        client
            .listMultipartUploads(request -> request.bucket(policy.bucket()).prefix(name))
            .uploads()) {
      if (upload.key().equals(name)) {
        return upload.uploadId();
      }
    }
    return null;
  }

  private Map<Integer, Part> parts(String name, String uploadId) {
    Map<Integer, Part> parts = new HashMap<>();
    client
        .listPartsPaginator(request -> request.bucket(policy.bucket()).key(name).uploadId(uploadId))
        .parts()
        .forEach(part -> parts.put(part.partNumber(), part));
    return parts;
  }

  private static InputStream open(Path file, long from, long length) {
    try {
      FileChannel channel = FileChannel.open(file, StandardOpenOption.READ).position(from);
      return new LimitedStream(Channels.newInputStream(channel), length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Without addresses, keys and signatures. */
  private static String reason(RuntimeException failure) {
    if (failure instanceof S3Exception answer) {
      return "the store answered "
          + answer.statusCode()
          + (answer.awsErrorDetails() == null ? "" : " " + answer.awsErrorDetails().errorCode());
    }
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getClass().getSimpleName() + ": " + cause.getMessage();
  }

  @Override
  public void close() {
    client.close();
  }
}
