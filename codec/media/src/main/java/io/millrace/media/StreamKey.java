package io.millrace.media;

/**
 * A stream's public identity: {@code app/name}, as in {@code live/studio}. Not the secret that
 * publishers call a stream key.
 */
public record StreamKey(String app, String name) {
  @Override
  public String toString() {
    return app + "/" + name;
  }
}
