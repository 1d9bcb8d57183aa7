package io.millrace.server.access;

import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpProtocol;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.QueryParameters;
import io.millrace.transport.http.RequestHeaders;
import java.net.InetSocketAddress;
import java.util.concurrent.ScheduledExecutorService;

/** An exchange that is another one but for what its subclass says. */
abstract class ForwardingExchange implements HttpExchange {
  private final HttpExchange of;

  ForwardingExchange(HttpExchange of) {
    this.of = of;
  }

  @Override
  public String path() {
    return of.path();
  }

  @Override
  public String method() {
    return of.method();
  }

  @Override
  public QueryParameters query() {
    return of.query();
  }

  @Override
  public RequestHeaders headers() {
    return of.headers();
  }

  @Override
  public byte[] body() {
    return of.body();
  }

  @Override
  public InetSocketAddress remote() {
    return of.remote();
  }

  @Override
  public boolean secure() {
    return of.secure();
  }

  @Override
  public HttpProtocol protocol() {
    return of.protocol();
  }

  @Override
  public boolean early() {
    return of.early();
  }

  @Override
  public boolean respond(HttpReply reply) {
    return of.respond(reply);
  }

  @Override
  public void onCancel(Runnable action) {
    of.onCancel(action);
  }

  @Override
  public boolean cancelled() {
    return of.cancelled();
  }

  @Override
  public void route(String name) {
    of.route(name);
  }

  @Override
  public int inFlight() {
    return of.inFlight();
  }

  @Override
  public ScheduledExecutorService executor() {
    return of.executor();
  }
}
