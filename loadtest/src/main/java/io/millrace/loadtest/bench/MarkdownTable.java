package io.millrace.loadtest.bench;

import java.util.ArrayList;
import java.util.List;

/** A table in Markdown, first column to the left and numbers to the right. */
public final class MarkdownTable {
  private final List<String> header;
  private final List<List<String>> rows = new ArrayList<>();

  public MarkdownTable(String... header) {
    this.header = List.of(header);
  }

  /**
   * Adds a row.
   *
   * @throws IllegalArgumentException when it is not as wide as the header
   */
  public MarkdownTable row(String... cells) {
    if (cells.length != header.size()) {
      throw new IllegalArgumentException(cells.length + " cells under " + header.size() + " heads");
    }
    rows.add(List.of(cells));
    return this;
  }

  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    append(out, header);
    out.append("|---|").append("--:|".repeat(header.size() - 1)).append('\n');
    rows.forEach(row -> append(out, row));
    return out.toString();
  }

  private static void append(StringBuilder out, List<String> cells) {
    out.append('|');
    cells.forEach(cell -> out.append(' ').append(cell.replace("|", "\\|")).append(" |"));
    out.append('\n');
  }
}
