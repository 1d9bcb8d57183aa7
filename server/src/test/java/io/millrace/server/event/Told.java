package io.millrace.server.event;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What was told, by the words of its types. Thread-safe. */
public final class Told implements EventSink {
  private final List<EventNote> notes = new CopyOnWriteArrayList<>();

  @Override
  public void accept(EventNote note) {
    notes.add(note);
  }

  /** In order. */
  public List<String> words() {
    return notes.stream().map(note -> note.type().word()).toList();
  }

  /** The types' words that differ, in the order of their first time. */
  public List<String> kinds() {
    return words().stream().distinct().toList();
  }
}
