package io.millrace.transport.tls;

import io.millrace.transport.tls.OcspStapling.Fetcher;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where the response about one certificate comes from, and the newest one. Thread-safe. */
abstract sealed class OcspSource {
  private static final Logger LOG = LoggerFactory.getLogger(OcspStapling.class);

  private final TlsCredentials credentials;
  private volatile @Nullable OcspStaple newest;
  private boolean failing;

  private OcspSource(TlsCredentials credentials) {
    this.credentials = credentials;
  }

  static OcspSource of(OcspStapling.Wanted wanted, @Nullable Fetcher fetcher, InstantSource clock) {
    TlsCredentials credentials = wanted.credentials();
    Path file = wanted.file();
    OcspQuestion question = OcspQuestion.of(credentials);
    if (question == null) {
      return new Nowhere(credentials, file != null);
    }
    if (file != null) {
      return new OfFile(credentials, question, file, clock);
    }
    URI responder = question.responder();
    return responder == null || fetcher == null
        ? new Nowhere(credentials, false)
        : new OfResponder(credentials, question, responder, fetcher, clock);
  }

  /** Fetches or reads another one where that is due. Does not wait for it. */
  abstract void look();

  /** The newest one, which may have ended. */
  @Nullable OcspStaple staple() {
    return newest;
  }

  final void took(OcspStaple staple, Object from) {
    newest = staple;
    if (failing) {
      failing = false;
      LOG.atInfo()
          .addKeyValue("certificate", subject())
          .addKeyValue("from", from)
          .log("OCSP response is there again");
    }
  }

  /** A line for the first failure of a row, as what there is holds on meanwhile. */
  final void failed(String why, Object from) {
    if (!failing) {
      failing = true;
      OcspStaple staple = newest;
      LOG.atWarn()
          .addKeyValue("certificate", subject())
          .addKeyValue("from", from)
          .addKeyValue("reason", why)
          .addKeyValue("stapled_until", staple == null ? "not at all" : staple.until())
          .log("no new OCSP response");
    }
  }

  private String subject() {
    return credentials.chain().getFirst().getSubjectX500Principal().getName();
  }

  /** A certificate that nobody says anything about: self-signed, or without a responder. */
  private static final class Nowhere extends OcspSource {
    private boolean told;
    private final boolean hasFile;

    Nowhere(TlsCredentials credentials, boolean hasFile) {
      super(credentials);
      this.hasFile = hasFile;
      this.told = !hasFile;
    }

    @Override
    synchronized void look() {
      if (!told) {
        told = true;
        failed("the certificate's file holds no issuer, which a response is verified with", "file");
      }
    }
  }

  /** An operator's file, read when it has changed. */
  private static final class OfFile extends OcspSource {
    private final OcspQuestion question;
    private final Path file;
    private final InstantSource clock;
    private @Nullable FileTime seen;

    OfFile(TlsCredentials credentials, OcspQuestion question, Path file, InstantSource clock) {
      super(credentials);
      this.question = question;
      this.file = file;
      this.clock = clock;
    }

    @Override
    synchronized void look() {
      Instant now = clock.instant();
      try {
        FileTime modified = Files.getLastModifiedTime(file);
        if (modified.equals(seen)) {
          OcspStaple held = staple();
          if (held != null && !held.holds(now)) {
            failed("it has ended at " + held.until(), file);
          }
          return;
        }
        seen = modified;
        if (Files.size(file) > OcspStaple.MAX_BYTES) {
          throw new OcspException("is larger than " + OcspStaple.MAX_BYTES + " bytes");
        }
        took(OcspStaple.verify(Files.readAllBytes(file), question, now), file);
      } catch (IOException e) {
        failed("cannot be read: " + e, file);
      } catch (OcspException e) {
        failed(String.valueOf(e.getMessage()), file);
      }
    }
  }

  /** The responder that the certificate names. */
  private static final class OfResponder extends OcspSource {
    /** Of the time that a response holds, half is left for a responder that is down. */
    private static final int SPARE = 2;

    private static final Duration LEAST_PAUSE = Duration.ofMinutes(1);
    private static final Duration LONGEST_PAUSE = Duration.ofHours(1);

    private final OcspQuestion question;
    private final URI responder;
    private final Fetcher fetcher;
    private final InstantSource clock;
    private Instant due = Instant.MIN;
    private Duration pause = LEAST_PAUSE;
    private boolean asking;

    OfResponder(
        TlsCredentials credentials,
        OcspQuestion question,
        URI responder,
        Fetcher fetcher,
        InstantSource clock) {
      super(credentials);
      this.question = question;
      this.responder = responder;
      this.fetcher = fetcher;
      this.clock = clock;
    }

    @Override
    void look() {
      synchronized (this) {
        if (asking || clock.instant().isBefore(due)) {
          return;
        }
        asking = true;
      }
      var _ =
          fetcher
              .post(responder, question.request())
              .whenComplete((response, failure) -> answered(response, failure));
    }

    private synchronized void answered(byte @Nullable [] response, @Nullable Throwable failure) {
      asking = false;
      Instant now = clock.instant();
      if (response == null) {
        retry(why(failure), now);
        return;
      }
      try {
        OcspStaple staple = OcspStaple.verify(response, question, now);
        took(staple, responder);
        pause = LEAST_PAUSE;
        Instant half = now.plus(Duration.between(now, staple.until()).dividedBy(SPARE));
        Instant soonest = now.plus(LEAST_PAUSE);
        due = half.isBefore(soonest) ? soonest : half;
      } catch (OcspException e) {
        retry(String.valueOf(e.getMessage()), now);
      }
    }

    private void retry(String why, Instant now) {
      failed(why, responder);
      due = now.plus(pause);
      pause =
          pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0
              ? LONGEST_PAUSE
              : pause.multipliedBy(2);
    }

    private static String why(@Nullable Throwable failure) {
      return String.valueOf(
          failure instanceof CompletionException && failure.getCause() != null
              ? failure.getCause()
              : failure);
    }
  }
}
