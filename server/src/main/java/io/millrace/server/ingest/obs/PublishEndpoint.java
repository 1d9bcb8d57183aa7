package io.millrace.server.ingest.obs;

/**
 * Where OBS may publish.
 *
 * @param protocol {@code RTMP} or {@code RTMPS}
 * @param url with the app, without the stream's name
 */
record PublishEndpoint(String protocol, String url) {}
