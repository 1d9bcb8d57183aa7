package io.millrace.server;

import io.millrace.media.StreamKey;
import io.millrace.packager.dvr.DvrStream;
import io.millrace.server.api.AdminRoutes;
import io.millrace.server.api.AdminView;
import io.millrace.server.api.StreamMetrics;
import io.millrace.server.auth.FirstStartKey;
import io.millrace.server.auth.PublishKeys;
import io.millrace.server.cli.VersionText;
import io.millrace.server.config.Config;
import io.millrace.server.config.Endpoint;
import io.millrace.server.config.Limits;
import io.millrace.server.config.StreamRule;
import io.millrace.server.dvr.DvrService;
import io.millrace.server.ingest.RtmpIngest;
import io.millrace.server.ingest.SrtIngest;
import io.millrace.server.ingest.SrtPull;
import io.millrace.server.ingest.Streams;
import io.millrace.server.ingest.obs.MultitrackRoute;
import io.millrace.server.keys.ContentKeys;
import io.millrace.server.keys.KeyRoute;
import io.millrace.server.live.ActiveStream;
import io.millrace.server.live.InputRole;
import io.millrace.server.live.SignalLossFillers;
import io.millrace.server.live.StreamClock;
import io.millrace.server.live.StreamOutputs;
import io.millrace.server.live.StreamRegistry;
import io.millrace.server.metrics.Meter;
import io.millrace.server.metrics.Metrics;
import io.millrace.server.origin.Origin;
import io.millrace.server.origin.StreamDirectory;
import io.millrace.server.origin.Viewers;
import io.millrace.server.record.RecordingService;
import io.millrace.server.stills.Stills;
import io.millrace.transport.Loops;
import io.millrace.transport.http.HttpHandler;
import io.millrace.transport.http.HttpLimits;
import io.millrace.transport.http.HttpServer;
import io.millrace.transport.rtmp.RtmpServer;
import io.millrace.transport.rtmp.RtmpSettings;
import io.millrace.transport.srt.SrtServer;
import io.millrace.transport.srt.SrtSettings;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server that is up: everything it has opened, in the order in which it closes.
 *
 * <p>Methods may be called from any thread but an event loop.
 */
public final class RunningServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunningServer.class);
  private static final Duration CERTIFICATE_CHECK = Duration.ofSeconds(10);
  private static final Duration PUBLISHERS_LEAVE = Duration.ofSeconds(2);
  private static final Duration MAX_SRT_LATENCY = Duration.ofSeconds(30);
  private static final Duration ENCODERS_STOP = Duration.ofSeconds(5);
  private static final Duration DVR_SWEEP = Duration.ofMinutes(1);
  private static final Duration TICKET_KEY_LIFE = Duration.ofHours(6);

  private final Map<String, InetSocketAddress> bound = new LinkedHashMap<>();
  private final Deque<Closing> closings = new ArrayDeque<>();
  private final StreamRegistry streams = new StreamRegistry();
  private final List<RtmpServer> rtmpServers = new CopyOnWriteArrayList<>();
  private volatile @Nullable SrtServer srtServer;
  private final List<HttpServer> httpServers = new CopyOnWriteArrayList<>();
  private final Viewers viewers = new Viewers();
  private final Path dataDir;
  private final Loops loops;
  private final Certificates certificates;
  private final FirstStartKey firstStartKey;
  private final Metrics metrics = new Metrics(VersionText.version());
  private volatile Config config;
  private volatile boolean ready;

  private interface Closing {
    void close() throws Exception;
  }

  private RunningServer(Config config, InstantSource clock) {
    this.config = config;
    this.dataDir = config.dataDir();
    try {
      Files.createDirectories(dataDir);
      firstStartKey = FirstStartKey.loadOrCreate(dataDir, new SecureRandom());
    } catch (IOException e) {
      throw new StartFailure("data.dir: " + e.getMessage(), e);
    }
    certificates = Certificates.load(config, clock);
    closings.push(certificates::close);
    loops = Loops.open(Math.max(2, Runtime.getRuntime().availableProcessors()), "loop");
    closings.push(() -> loops.group().shutdownGracefully(0, 3, TimeUnit.SECONDS).await());
  }

  /**
   * Opens everything.
   *
   * @throws StartFailure when something cannot be opened; what had been opened is closed again
   */
  public static RunningServer start(Config config) {
    InstantSource clock = InstantSource.system();
    RunningServer server = new RunningServer(config, clock);
    try {
      server.open(clock);
      return server;
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
  }

  private void open(InstantSource clock) {
    PublishKeys keys =
        new PublishKeys(
            stream -> config.policyFor(stream).publishKeys(),
            firstStartKey.hash(),
            System::nanoTime);
    closings.push(keys::close);
    Encoders encoders = Encoders.load(config.svtAv1Library());
    closings.push(encoders::close);
    ThreadPoolExecutor slates =
        new ThreadPoolExecutor(
            1,
            1,
            30,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(256),
            Thread.ofPlatform().daemon().name("slate-", 0).factory());
    closings.push(slates::shutdownNow);
    ContentKeys contentKeys = openContentKeys(clock);
    RecordingService recordings =
        RecordingService.start(dataDir, stream -> config.policyFor(stream).record());
    closings.push(recordings::close);
    DvrService dvr = openDvr(clock);
    ConfiguredPolicy policy = new ConfiguredPolicy(() -> config, keys);
    Streams publishing =
        new Streams(
            streams,
            policy,
            (key, loop, settings) -> {
              StreamOutputs outputs =
                  new StreamOutputs(
                      key,
                      loop,
                      settings,
                      encoders.videoEncoders(),
                      contentKeys.protect(key),
                      dvr.stream(key));
              recordings.attach(key, outputs.presentation());
              return outputs;
            },
            new SignalLossFillers(slates),
            StreamClock.SYSTEM);
    RtmpIngest ingest = new RtmpIngest(publishing, policy, _ -> {});
    closings.push(this::endStreams);
    for (DvrStream stream : dvr.streams()) {
      publishing.restore(
          stream.key(), loops.group().next(), stream.isEnded(), dvr.remaining(stream));
    }
    schedule(() -> sweep(dvr), DVR_SWEEP);
    openRtmp(ingest);
    openSrt(new SrtIngest(publishing, policy, _ -> {}));
    openPulls(publishing);
    openHttp(clock, new MultitrackRoute(policy, bound), contentKeys);
    openAdmin(recordings, dvr);
    schedule(certificates::checkFiles, CERTIFICATE_CHECK);
    schedule(certificates::rotateTicketKeys, TICKET_KEY_LIFE);
    try {
      PortsFile.write(dataDir, bound);
    } catch (IOException e) {
      throw new StartFailure("data.dir: " + e.getMessage(), e);
    }
    closings.push(() -> PortsFile.delete(dataDir));
    ready = true;
    closings.push(() -> ready = false);
  }

  private ContentKeys openContentKeys(InstantSource clock) {
    try {
      ContentKeys keys =
          ContentKeys.open(dataDir, stream -> config.policyFor(stream).protection(), clock);
      closings.push(keys::close);
      return keys;
    } catch (IOException e) {
      throw new StartFailure("data.dir: " + e.getMessage(), e);
    }
  }

  private DvrService openDvr(InstantSource clock) {
    try {
      DvrService dvr =
          DvrService.open(
              dataDir, config.dvrMaxBytes(), stream -> config.policyFor(stream).dvr(), clock);
      closings.push(dvr::close);
      return dvr;
    } catch (IOException e) {
      throw new StartFailure("data.dir: " + e.getMessage(), e);
    }
  }

  private void sweep(DvrService dvr) {
    dvr.sweep(stream -> streams.find(stream) != null);
    streams.all().forEach(ActiveStream::trim);
  }

  private void openRtmp(RtmpIngest ingest) {
    RtmpSettings settings = rtmpSettings(config.limits());
    Endpoint rtmp = config.listen().rtmp();
    if (rtmp != null) {
      bind("rtmp", rtmp, address -> listenRtmp(address, settings, null, ingest));
    }
    Endpoint rtmps = config.listen().rtmps();
    if (rtmps != null) {
      bind(
          "rtmps",
          rtmps,
          address -> listenRtmp(address, settings, certificates.rtmps()::newHandler, ingest));
    }
  }

  private InetSocketAddress listenRtmp(
      InetSocketAddress address,
      RtmpSettings settings,
      @Nullable Function<ByteBufAllocator, SslHandler> tls,
      RtmpIngest ingest)
      throws IOException {
    RtmpServer server = RtmpServer.bind(loops, address, settings, tls, ingest);
    rtmpServers.add(server);
    closings.push(() -> await(server.shutdown("the server is shutting down")));
    return server.address();
  }

  private void openSrt(SrtIngest ingest) {
    Endpoint srt = config.listen().srt();
    if (srt != null) {
      bind("srt", srt, address -> listenSrt(address, ingest));
    }
  }

  private InetSocketAddress listenSrt(InetSocketAddress address, SrtIngest ingest)
      throws IOException {
    Limits limits = config.limits();
    SrtSettings settings =
        SrtSettings.defaults()
            .withLatency(config.srtLatency(), MAX_SRT_LATENCY)
            .withAuthDeadline(limits.authentication())
            .withLimits(
                limits.publisherConnections(),
                limits.unauthenticatedPerAddress(),
                SrtSettings.defaults().inductionsPerSecond());
    SrtServer server = SrtServer.bind(loops, address, settings, ingest);
    srtServer = server;
    closings.push(() -> await(server.shutdown("the server is shutting down")));
    return server.address();
  }

  /** Sources of rules that name one stream. */
  private void openPulls(Streams publishing) {
    for (StreamRule rule : config.streams()) {
      StreamKey key = new StreamKey(rule.pattern().app(), rule.pattern().name());
      InputRole role = InputRole.MAIN;
      for (URI source : rule.policy().pull()) {
        try {
          SrtPull pull = SrtPull.start(publishing, key, source, role, loops.group().next());
          closings.push(pull::close);
        } catch (IllegalArgumentException e) {
          throw new StartFailure("streams." + key + ".pull: " + e.getMessage(), e);
        }
        role = InputRole.BACKUP;
      }
    }
  }

  private interface Listen {
    InetSocketAddress on(InetSocketAddress address) throws IOException;
  }

  private void bind(String name, Endpoint endpoint, Listen listen) {
    try {
      bound.put(name, listen.on(endpoint.toSocketAddress()));
    } catch (IOException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw StartFailure.cannotListen("listen." + name, endpoint, cause);
    }
  }

  private static RtmpSettings rtmpSettings(Limits limits) {
    return RtmpSettings.defaults()
        .withDeadlines(limits.handshake(), limits.authentication(), limits.publisherIdle())
        .withConnectionLimits(limits.unauthenticatedPerAddress(), limits.publisherConnections())
        .withMaxBuffered(limits.publisherBufferBytes());
  }

  private void schedule(Runnable task, Duration every) {
    var unused =
        loops
            .group()
            .scheduleAtFixedRate(task, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Where each service really listens, by its name: {@code rtmp}, {@code https}, … */
  public Map<String, InetSocketAddress> addresses() {
    return Collections.unmodifiableMap(bound);
  }

  /** RTMP and RTMPS connections open now. */
  public int publisherConnections() {
    return rtmpServers.stream().mapToInt(RtmpServer::connections).sum();
  }

  public StreamRegistry streams() {
    return streams;
  }

  private void endStreams() throws InterruptedException {
    for (ActiveStream stream : streams.all()) {
      stream.shutdown("the server is shutting down");
    }
    for (ActiveStream stream : streams.all()) {
      stream.awaitEnded(ENCODERS_STOP);
    }
  }

  private static void await(CompletableFuture<Void> future)
      throws InterruptedException, ExecutionException {
    try {
      future.get(5, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      LOG.atWarn().log("connections left open at shutdown");
    }
  }

  /** Closes everything, the last opened first; what fails to close does not keep the rest open. */
  @Override
  public void close() {
    for (Closing closing = closings.poll(); closing != null; closing = closings.poll()) {
      try {
        closing.close();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Exception e) {
        LOG.atError().setCause(e).log("part of the server did not close");
      }
    }
  }

  /** Prints what a person should read. */
  void print(java.io.PrintStream out, @Nullable String demoStream) {
    Banner.print(
        out,
        bound,
        "SHA-256 "
            + certificates.fingerprint()
            + (certificates.selfSigned() ? " (self-signed)" : ""),
        firstStartKey.shownOnce(),
        demoStream);
  }

  /**
   * Starts the built-in publisher.
   *
   * @throws StartFailure when RTMP is off
   */
  DemoPublisher startDemo() {
    InetSocketAddress rtmp = bound.get("rtmp");
    if (rtmp == null) {
      throw new StartFailure(
          "demo: the built-in publisher needs listen.rtmp",
          new IllegalStateException("rtmp is off"));
    }
    String host = rtmp.getAddress().isAnyLocalAddress() ? "127.0.0.1" : rtmp.getHostString();
    return DemoPublisher.start(loops, host, rtmp.getPort());
  }

  /**
   * Takes no one new, asks publishers that understand it to come back later, and lets viewers
   * finish what they are fetching.
   */
  void drain(Duration patience) {
    ready = false;
    List<CompletableFuture<Void>> leaving = new ArrayList<>();
    for (RtmpServer server : rtmpServers) {
      leaving.add(server.drain(PUBLISHERS_LEAVE, "", "the server is restarting"));
    }
    if (srtServer != null) {
      srtServer.stopListening();
    }
    leaving.forEach(CompletableFuture::join);
    for (ActiveStream stream : streams.all()) {
      stream.shutdown("the server is shutting down");
    }
    for (HttpServer server : httpServers) {
      var unused = server.drain(patience).join();
    }
  }

  private void openHttp(InstantSource clock, HttpHandler multitrack, ContentKeys contentKeys) {
    StreamDirectory directory = new LiveDirectory(streams, new Stills(clock));
    Limits limits = config.limits();
    Origin origin = new Origin(directory, viewers, clock);
    metrics.counter(Meter.COMPRESSIONS, origin::compressions);
    metrics.gauge(Meter.PARKED, origin::parked);
    KeyRoute keyRoute = new KeyRoute(directory, contentKeys);
    HttpHandler routes =
        exchange -> {
          if (KeyRoute.matches(exchange.path())) {
            keyRoute.handle(exchange);
          } else {
            (MultitrackRoute.matches(exchange.path()) ? multitrack : origin).handle(exchange);
          }
        };
    HttpServer server = new HttpServer(loops, httpLimits(limits), routes, metrics.http("public"));
    httpServers.add(server);
    closings.push(server::close);
    Endpoint https = config.listen().https();
    if (https != null) {
      bind("https", https, address -> server.listen(address, certificates.https()));
    }
    Endpoint http = config.listen().http();
    if (http != null) {
      bind("http", http, server::listen);
    }
  }

  private void openAdmin(RecordingService recordings, DvrService dvr) {
    Endpoint admin = config.listen().admin();
    if (admin != null) {
      AdminView view = new LiveAdmin(streams, viewers, recordings, () -> ready);
      metrics.register(new StreamMetrics(view));
      metrics.gauge(Meter.RECORDING_QUEUE, recordings::queuedBytes);
      metrics.gauge(Meter.DVR_BYTES, dvr::sizeBytes);
      metrics.gauge(Meter.DVR_QUEUE, dvr::queuedBytes);
      metrics.gauge(Meter.DVR_FAILING, dvr::failing);
      metrics.counter(Meter.DVR_MISSING, dvr::missing);
      metrics.gauge(Meter.UPLOADS_PENDING, () -> recordings.uploads().pending());
      metrics.counter(Meter.UPLOADS_SENT, () -> recordings.uploads().sent());
      metrics.counter(Meter.UPLOAD_BYTES, () -> recordings.uploads().bytes());
      metrics.counter(Meter.UPLOAD_ERRORS, () -> recordings.uploads().errors());
      HttpServer server =
          new HttpServer(
              loops, HttpLimits.DEFAULTS, new AdminRoutes(view, metrics), metrics.http("admin"));
      closings.push(server::close);
      bind("admin", admin, server::listen);
    }
  }

  private static HttpLimits httpLimits(Limits limits) {
    HttpLimits defaults = HttpLimits.DEFAULTS;
    return defaults
        .withConnections(limits.viewerConnections(), limits.viewerConnectionsPerAddress())
        .withDeadlines(
            defaults.handshake(),
            defaults.requestRead(),
            limits.viewerIdle(),
            limits.viewerStalled());
  }
}
