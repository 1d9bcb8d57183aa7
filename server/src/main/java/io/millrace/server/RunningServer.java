package io.millrace.server;

import io.millrace.codec.cost.CostModel;
import io.millrace.codec.ladder.LadderEngines;
import io.millrace.codec.quality.QualitySampling;
import io.millrace.media.StreamKey;
import io.millrace.packager.dvr.DvrStream;
import io.millrace.server.access.EdgeCredentials;
import io.millrace.server.access.PlayGate;
import io.millrace.server.access.SitePolicy;
import io.millrace.server.api.AdminRoutes;
import io.millrace.server.api.AdminView;
import io.millrace.server.api.ReloadResult;
import io.millrace.server.api.StreamMetrics;
import io.millrace.server.auth.FirstStartKey;
import io.millrace.server.auth.PublishAuthority;
import io.millrace.server.auth.PublishKeys;
import io.millrace.server.budget.BudgetService;
import io.millrace.server.budget.Calibration;
import io.millrace.server.budget.CalibrationFile;
import io.millrace.server.budget.Calibrator;
import io.millrace.server.budget.Machine;
import io.millrace.server.cli.VersionText;
import io.millrace.server.config.Config;
import io.millrace.server.config.ConfigChange;
import io.millrace.server.config.ConfigException;
import io.millrace.server.config.ConfigLoader;
import io.millrace.server.config.ConfigProblem;
import io.millrace.server.config.ConfigSource;
import io.millrace.server.config.EdgeConfig;
import io.millrace.server.config.Endpoint;
import io.millrace.server.config.Limits;
import io.millrace.server.config.StreamRule;
import io.millrace.server.config.TranscodeConfig;
import io.millrace.server.config.WebhookConfig;
import io.millrace.server.dvr.DvrService;
import io.millrace.server.edge.Edge;
import io.millrace.server.edge.EdgeSettings;
import io.millrace.server.event.EventNote;
import io.millrace.server.event.EventType;
import io.millrace.server.event.Events;
import io.millrace.server.ingest.PublishPolicy;
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
import io.millrace.server.live.StreamSettings;
import io.millrace.server.log.Logs;
import io.millrace.server.metrics.Meter;
import io.millrace.server.metrics.Metrics;
import io.millrace.server.origin.EarlyPolicy;
import io.millrace.server.origin.Origin;
import io.millrace.server.origin.StreamDirectory;
import io.millrace.server.origin.Viewers;
import io.millrace.server.push.PushService;
import io.millrace.server.record.RecordingService;
import io.millrace.server.stills.Stills;
import io.millrace.server.webhook.Question.Action;
import io.millrace.server.webhook.Webhooks;
import io.millrace.server.worker.WorkerSettings;
import io.millrace.server.worker.Workers;
import io.millrace.transport.Loops;
import io.millrace.transport.http.HttpHandler;
import io.millrace.transport.http.HttpLimits;
import io.millrace.transport.http.HttpServer;
import io.millrace.transport.rtmp.RtmpServer;
import io.millrace.transport.rtmp.RtmpSettings;
import io.millrace.transport.srt.SrtServer;
import io.millrace.transport.srt.SrtSettings;
import io.millrace.transport.tls.QuicTls;
import io.millrace.transport.tls.ServerTls;
import io.millrace.transport.tls.TlsCredentialsException;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.util.Set;
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
  private static final Duration LISTENERS_LEAVE = Duration.ofSeconds(1);
  private static final Duration ENCODERS_STOP = Duration.ofSeconds(5);
  private static final Duration DVR_SWEEP = Duration.ofMinutes(1);

  private final Map<String, InetSocketAddress> bound = new LinkedHashMap<>();
  private final Deque<Closing> closings = new ArrayDeque<>();
  private final Events events = new Events(InstantSource.system(), System::nanoTime);
  private final StreamRegistry streams = new StreamRegistry(events);
  private final List<RtmpServer> rtmpServers = new CopyOnWriteArrayList<>();
  private volatile @Nullable SrtServer srtServer;
  private final List<HttpServer> httpServers = new CopyOnWriteArrayList<>();
  private final Viewers viewers = new Viewers();
  private final BudgetService budget;
  private final Path dataDir;
  private final Loops loops;
  private final Certificates certificates;
  private final FirstStartKey firstStartKey;
  private final Metrics metrics = new Metrics(VersionText.version());
  private final Config started;
  private final ConfigSource source;
  private final List<Runnable> whenReloaded = new CopyOnWriteArrayList<>();
  private final ReloadCounts reloads = new ReloadCounts();
  private volatile Config config;
  private final PushService pushes;
  private volatile @Nullable Webhooks webhooks;
  private volatile @Nullable PublishPolicy publishPolicy;
  private volatile boolean ready;

  private interface Closing {
    void close() throws Exception;
  }

  private RunningServer(Config config, ConfigSource source, InstantSource clock) {
    this.config = config;
    this.started = config;
    this.source = source;
    this.dataDir = config.dataDir();
    this.budget =
        BudgetService.of(
            streams::all,
            Machine.cores(),
            Machine::idleCores,
            Machine::ownCpuNs,
            costModel(dataDir),
            System::nanoTime,
            events);
    try {
      Files.createDirectories(dataDir);
      firstStartKey = FirstStartKey.loadOrCreate(dataDir, new SecureRandom());
    } catch (IOException e) {
      throw new StartFailure("data.dir: " + e.getMessage(), e);
    }
    certificates = Certificates.load(config, clock, metrics.tls());
    closings.push(certificates::close);
    loops = Loops.open(Math.max(2, Runtime.getRuntime().availableProcessors()), "loop");
    closings.push(() -> loops.group().shutdownGracefully(0, 3, TimeUnit.SECONDS).await());
    pushes = new PushService(loops, events, clock);
  }

  /** Null without a calibration; a server makes none, for its streams would pay for it. */
  private static @Nullable CostModel costModel(Path dataDir) {
    Calibration kept = CalibrationFile.read(dataDir).orElse(null);
    if (kept == null || !Calibrator.isOfThisMachine(kept, VersionText.version())) {
      LOG.atInfo()
          .addKeyValue("file", CalibrationFile.in(dataDir))
          .log(
              kept == null
                  ? "this machine is not calibrated (millrace plan does it): what encoding costs is"
                      + " measured only"
                  : "the calibration is of another machine or release: what encoding costs is"
                      + " measured only");
      return null;
    }
    LOG.atInfo().addKeyValue("made", kept.made()).log("calibration of this machine read");
    return new CostModel(kept.costs());
  }

  /**
   * Opens everything.
   *
   * @throws StartFailure when something cannot be opened; what had been opened is closed again
   */
  public static RunningServer start(Config config) {
    return start(config, () -> new ConfigLoader.Loaded(config, List.of()));
  }

  /**
   * Opens everything.
   *
   * @param source of configurations to come, see {@link #reload}
   * @throws StartFailure when something cannot be opened; what had been opened is closed again
   */
  public static RunningServer start(Config config, ConfigSource source) {
    InstantSource clock = InstantSource.system();
    RunningServer server = new RunningServer(config, source, clock);
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
    Webhooks webhooks = openWebhooks(clock);
    trustPushTargets(config);
    LadderEngines ladders = openLadders();
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
        RecordingService.start(dataDir, stream -> config.policyFor(stream).record(), events);
    closings.push(recordings::close);
    DvrService dvr = openDvr(clock);
    PublishAuthority authority =
        new PublishAuthority(
            keys,
            stream -> config.policyFor(stream).publishWebhook(),
            webhook -> webhooks.of(Action.PUBLISH, webhook),
            System::nanoTime);
    ConfiguredPolicy policy = new ConfiguredPolicy(() -> config, authority, events);
    publishPolicy = policy;
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
                      ladders,
                      contentKeys.protect(key),
                      dvr.stream(key),
                      events);
              recordings.attach(key, outputs.presentation());
              return outputs;
            },
            pushes,
            new SignalLossFillers(slates),
            StreamClock.SYSTEM,
            budget::refusal,
            events);
    RtmpIngest ingest = new RtmpIngest(publishing, policy, _ -> {});
    closings.push(this::endStreams);
    for (DvrStream stream : dvr.streams()) {
      publishing.restore(
          stream.key(), loops.group().next(), stream.isEnded(), dvr.remaining(stream));
    }
    schedule(() -> sweep(dvr), DVR_SWEEP);
    schedule(budget::look, Duration.ofMillis(BudgetService.LOOK_MS));
    metrics.gauge(Meter.RUNGS_SHED, budget::shed);
    metrics.gauge(Meter.ENCODING_STEPS, budget::steps);
    metrics.counter(Meter.STREAMS_REFUSED, budget::refusals);
    metrics.counter(Meter.RUNG_SHEDS, budget::sheds);
    metrics.counter(Meter.RUNG_RETURNS, budget::returns);
    metrics.gauge(Meter.ENCODING_EXHAUSTED, () -> budget.isExhausted() ? 1 : 0);
    openRtmp(ingest);
    openSrt(new SrtIngest(publishing, policy, _ -> {}));
    openPulls(publishing);
    openHttp(clock, new MultitrackRoute(policy, bound), contentKeys, webhooks);
    openAdmin(recordings, dvr);
    schedule(certificates::checkFiles, CERTIFICATE_CHECK);
    schedule(certificates::rotateTicketKeys, ServerTls.TICKET_KEY_LIFE);
    try {
      PortsFile.write(dataDir, bound);
    } catch (IOException e) {
      throw new StartFailure("data.dir: " + e.getMessage(), e);
    }
    closings.push(() -> PortsFile.delete(dataDir));
    ready = true;
    events.accept(
        EventNote.info(EventType.SERVER_READY, null, "the server is ready")
            .with("version", VersionText.version()));
    closings.push(() -> ready = false);
  }

  /** Opens those of every rule, so that what is wrong with one is said at the start. */
  private Webhooks openWebhooks(InstantSource clock) {
    Webhooks opened = new Webhooks(metrics.webhooks(), clock, events);
    closings.push(opened::close);
    webhooks = opened;
    openWebhooks(opened, config);
    return opened;
  }

  /**
   * @throws StartFailure where one cannot be opened
   */
  private static void openWebhooks(Webhooks webhooks, Config config) {
    for (StreamRule rule : config.streams()) {
      try {
        WebhookConfig publish = rule.policy().publishWebhook();
        if (publish != null) {
          webhooks.of(Action.PUBLISH, publish);
        }
        WebhookConfig play = rule.policy().play().webhook();
        if (play != null) {
          webhooks.of(Action.PLAY, play);
        }
      } catch (UncheckedIOException e) {
        throw new StartFailure("streams." + rule.pattern() + ": webhook: " + e.getMessage(), e);
      }
    }
  }

  /**
   * Before streams are sent there.
   *
   * @throws StartFailure where a file of certificates cannot be used
   */
  private void trustPushTargets(Config next) {
    try {
      pushes.trust(next);
    } catch (IOException | TlsCredentialsException e) {
      throw new StartFailure("push[].ca: " + e.getMessage(), e);
    }
  }

  /**
   * Reads the configuration again, off the caller's thread, and follows it as far as a running
   * server can; where anything is wrong with it, nothing changes. What became of it is logged.
   * Reloads come one after another.
   */
  public CompletableFuture<ReloadResult> reload() {
    return CompletableFuture.supplyAsync(
        this::reloadNow, task -> Thread.ofVirtual().name("reload").start(task));
  }

  private synchronized ReloadResult reloadNow() {
    try {
      ConfigLoader.Loaded loaded = source.load();
      loaded.warnings().forEach(warning -> LOG.atWarn().log("configuration: {}", warning));
      ConfigChange change = ConfigChange.between(started, config, loaded.config());
      Webhooks asked = webhooks;
      if (asked != null) {
        openWebhooks(asked, change.next());
      }
      trustPushTargets(change.next());
      apply(change);
      reloads.applied();
      return new ReloadResult.Reloaded(change.applied(), change.needsRestart());
    } catch (ConfigException e) {
      return refused(e.problems());
    } catch (StartFailure e) {
      return refused(List.of(ConfigProblem.of("", String.valueOf(e.getMessage()))));
    } catch (RuntimeException e) {
      reloads.refused();
      events.say(
          LOG,
          EventNote.error(
                  EventType.CONFIG_REFUSED,
                  null,
                  "configuration not reloaded, by a fault of the server")
              .causedBy(e));
      throw e;
    }
  }

  private ReloadResult refused(List<ConfigProblem> problems) {
    reloads.refused();
    problems.forEach(problem -> LOG.atError().log("configuration: {}", problem));
    EventNote note =
        EventNote.error(
                EventType.CONFIG_REFUSED,
                null,
                "configuration not reloaded, the server runs by the one that it has")
            .with("problems", problems.size());
    events.say(LOG, problems.isEmpty() ? note : note.with("first", problems.getFirst().toString()));
    return new ReloadResult.Refused(problems);
  }

  private void apply(ConfigChange change) {
    Config before = config;
    config = change.next();
    if (!before.log().equals(config.log())) {
      Logs.configure(config.log());
    }
    whenReloaded.forEach(Runnable::run);
    events.say(
        LOG,
        EventNote.info(EventType.CONFIG_RELOADED, null, "configuration reloaded")
            .with("changed", change.applied())
            .with("needs_restart", change.needsRestart()));
    PublishPolicy policy = publishPolicy;
    for (ActiveStream stream : streams.all()) {
      StreamSettings settings = policy == null ? null : policy.settings(stream.key());
      if (settings != null && stream.state() != ActiveStream.State.ENDED) {
        List<String> waiting = stream.configure(settings);
        if (!waiting.isEmpty()) {
          LOG.atInfo()
              .addKeyValue("stream", stream.key())
              .addKeyValue("keys", waiting)
              .log("a live stream keeps what it was begun with until it has ended");
        }
      }
    }
  }

  private LadderEngines openLadders() {
    TranscodeConfig transcode = config.transcode();
    return switch (transcode.isolation()) {
      case NONE -> {
        Encoders encoders = Encoders.load(config.svtAv1Library());
        closings.push(encoders::close);
        yield encoders.engines(
            transcode.vmaf() == null ? null : QualitySampling.by(transcode.vmaf()));
      }
      case PROCESS -> openWorkers(transcode);
    };
  }

  private Workers openWorkers(TranscodeConfig transcode) {
    try {
      Workers workers =
          Workers.open(
              new WorkerSettings(
                  transcode.memoryBytes(),
                  transcode.nice(),
                  transcode.hangAfter(),
                  transcode.maxFailures(),
                  transcode.cgroup(),
                  config.svtAv1Library(),
                  transcode.vmaf()),
              config.encodes(),
              dataDir,
              events);
      closings.push(workers::close);
      return workers;
    } catch (IOException e) {
      throw new StartFailure("transcode: no place for the workers' sockets: " + e.getMessage(), e);
    }
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
              dataDir,
              config.dvrMaxBytes(),
              stream -> config.policyFor(stream).dvr(),
              clock,
              events);
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
          address ->
              listenRtmp(
                  address,
                  settings,
                  _ -> certificates.rtmps().newGate(settings.handshakeDeadline(), _ -> {}),
                  ingest));
    }
  }

  private InetSocketAddress listenRtmp(
      InetSocketAddress address,
      RtmpSettings settings,
      @Nullable Function<ByteBufAllocator, ? extends ChannelHandler> tls,
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

  private void openHttp(
      InstantSource clock, HttpHandler multitrack, ContentKeys contentKeys, Webhooks webhooks) {
    StreamDirectory directory = new LiveDirectory(streams, new Stills(clock));
    Limits limits = config.limits();
    Origin origin = new Origin(directory, viewers, clock);
    metrics.counter(Meter.COMPRESSIONS, origin::compressions);
    metrics.gauge(Meter.PARKED, origin::parked);
    KeyRoute keyRoute = new KeyRoute(directory, contentKeys);
    HttpHandler own =
        exchange -> {
          if (KeyRoute.matches(exchange.path())) {
            keyRoute.handle(exchange);
          } else {
            origin.handle(exchange);
          }
        };
    HttpHandler viewed = gate(clock, edge(clock, own), webhooks);
    HttpHandler site =
        exchange ->
            (MultitrackRoute.matches(exchange.path()) ? multitrack : viewed).handle(exchange);
    HttpServer server =
        new HttpServer(
            loops,
            httpLimits(limits),
            policed(EarlyPolicy.publicRoutes(site)),
            metrics.http("public"));
    httpServers.add(server);
    closings.push(server::close);
    Endpoint https = config.listen().https();
    if (https != null) {
      QuicTls quic = certificates.quic();
      bind(
          "https",
          https,
          address ->
              quic == null
                  ? server.listen(address, certificates.https())
                  : server.listen(address, certificates.https(), quic));
    }
    Endpoint http = config.listen().http();
    if (http != null) {
      bind("http", http, server::listen);
    }
  }

  /** In the edge role: streams of origins, before what this server has itself. */
  private HttpHandler edge(InstantSource clock, HttpHandler own) {
    EdgeConfig edge = config.edge();
    if (edge == null) {
      return own;
    }
    Edge opened;
    try {
      opened =
          Edge.open(
              loops,
              new Edge.Sources(edge.origins(), edge.authorities(), edge.pins()),
              EdgeSettings.of(edge.memoryBytes(), edge.stale(), disk(edge)),
              clock,
              new EdgeCredentials(stream -> config.policyFor(stream).play(), clock),
              events);
    } catch (IOException | TlsCredentialsException e) {
      throw new StartFailure("edge.ca: " + e.getMessage(), e);
    }
    closings.push(opened::close);
    metrics.counters(Meter.EDGE_REQUESTS, opened.stats().byResult());
    metrics.counter(Meter.EDGE_ORIGIN_REQUESTS, opened.stats()::originRequests);
    metrics.counter(Meter.EDGE_ORIGIN_FAILURES, opened.stats()::originFailures);
    metrics.counter(Meter.EDGE_CANCELLED, opened.stats()::cancellations);
    metrics.counter(Meter.EDGE_EVICTIONS, opened.stats()::evictions);
    metrics.gauge(Meter.EDGE_HELD, opened::heldBytes);
    metrics.gauge(Meter.EDGE_WAITING, opened::waiting);
    Edge.DiskFigures disk = opened.disk();
    if (disk != null) {
      metrics.gauge(Meter.EDGE_DISK_BYTES, disk.sizeBytes());
      metrics.gauge(Meter.EDGE_DISK_OBJECTS, disk.objects());
      metrics.counter(Meter.EDGE_DISK_WRITES, disk.writes());
      metrics.counter(Meter.EDGE_DISK_DROPPED, disk.dropped());
      metrics.counter(Meter.EDGE_DISK_ERRORS, disk.errors());
      metrics.counter(Meter.EDGE_DISK_EVICTIONS, disk.evictions());
    }
    return opened.routes(own, (app, name) -> streams.find(new StreamKey(app, name)) != null);
  }

  private static EdgeSettings.@Nullable Disk disk(EdgeConfig edge) {
    Path folder = edge.diskFolder();
    return folder == null ? null : new EdgeSettings.Disk(folder, edge.diskBytes());
  }

  /** The site's policy as it is configured at each moment. */
  private HttpHandler policed(HttpHandler site) {
    HandlerSwitch policed = new HandlerSwitch(site);
    Runnable renew =
        () ->
            policed.set(
                SitePolicy.around(
                    site, Set.copyOf(config.site().corsOrigins()), config.site().hsts()));
    renew.run();
    whenReloaded.add(renew);
    return policed;
  }

  /** Checks who may play while any stream wants that. */
  private HttpHandler gate(InstantSource clock, HttpHandler site, Webhooks webhooks) {
    PlayGate gate =
        new PlayGate(
            site,
            stream -> config.policyFor(stream).play(),
            webhook -> webhooks.of(Action.PLAY, webhook),
            clock);
    HandlerSwitch asked = new HandlerSwitch(site);
    Runnable renew =
        () -> {
          gate.refresh();
          boolean any = config.streams().stream().anyMatch(rule -> rule.policy().play().asks());
          asked.set(any ? gate : site);
        };
    renew.run();
    whenReloaded.add(renew);
    return asked;
  }

  private void openAdmin(RecordingService recordings, DvrService dvr) {
    Endpoint admin = config.listen().admin();
    if (admin != null) {
      AdminView view =
          new LiveAdmin(
              streams,
              viewers,
              recordings,
              budget,
              () -> ready,
              new LadderEdits(streams, () -> config, events),
              events,
              this::reload);
      metrics.counters(Meter.CONFIG_RELOADS, reloads.byResult());
      metrics.counter(Meter.EVENTS, events::told);
      metrics.gauge(Meter.EVENT_LISTENERS, events::listening);
      metrics.gauge(Meter.CONFIG_RELOAD_OK, reloads::lastSuccessful);
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
              loops,
              HttpLimits.DEFAULTS,
              EarlyPolicy.safeMethods(new AdminRoutes(view, metrics, events)),
              metrics.http("admin"));
      closings.push(server::close);
      closings.push(() -> endEvents(server));
      schedule(events::beat, Events.BEAT);
      bind("admin", admin, server::listen);
    }
  }

  /** Who listens gets the last event, and then the end of it. */
  private void endEvents(HttpServer admin) throws InterruptedException, ExecutionException {
    events.accept(EventNote.info(EventType.SERVER_STOPPING, null, "the server stops"));
    events.close();
    await(admin.drain(LISTENERS_LEAVE));
  }

  private static HttpLimits httpLimits(Limits limits) {
    HttpLimits defaults = HttpLimits.DEFAULTS;
    return defaults
        .withConnections(
            limits.viewerConnections(),
            limits.viewerConnectionsPerAddress(),
            limits.viewerConnectsPerSecond())
        .withDeadlines(
            defaults.handshake(),
            defaults.requestRead(),
            limits.viewerIdle(),
            limits.viewerStalled());
  }
}
