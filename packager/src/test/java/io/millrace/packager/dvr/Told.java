package io.millrace.packager.dvr;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What a listener was told. */
final class Told implements DvrListener {
  final List<String> lines = Collections.synchronizedList(new ArrayList<>());

  @Override
  public void failed(String rendition, String reason) {
    lines.add("failed " + rendition + ": " + reason);
  }

  @Override
  public void recovered(String rendition, long holes) {
    lines.add("recovered " + rendition + ": " + holes);
  }

  @Override
  public void repaired(String what) {
    lines.add("repaired " + what);
  }
}
