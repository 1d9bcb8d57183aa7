package io.millrace.packager.dash;

/** Just enough XML to write a manifest: elements, escaped attributes, indentation. */
final class Xml {
  private final StringBuilder out = new StringBuilder(8192);
  private int depth;
  private boolean startTagOpen;

  Xml() {
    out.append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
  }

  Xml open(String element) {
    closeStartTag();
    indent();
    out.append('<').append(element);
    startTagOpen = true;
    depth++;
    return this;
  }

  /** An attribute of the element opened last, before anything is put into it. */
  Xml attribute(String name, Object value) {
    out.append(' ').append(name).append("=\"");
    escape(value.toString());
    out.append('"');
    return this;
  }

  Xml close(String element) {
    depth--;
    if (startTagOpen) {
      out.append("/>");
      startTagOpen = false;
    } else {
      indent();
      out.append("</").append(element).append('>');
    }
    return this;
  }

  /** An element that holds text and nothing else. */
  Xml text(String element, String text) {
    closeStartTag();
    indent();
    out.append('<').append(element).append('>');
    escape(text);
    out.append("</").append(element).append('>');
    return this;
  }

  /** Elements in place, with a line break before each. */
  Xml raw(String elements) {
    closeStartTag();
    out.append(elements);
    return this;
  }

  @Override
  public String toString() {
    return out + "\n";
  }

  private void closeStartTag() {
    if (startTagOpen) {
      out.append('>');
      startTagOpen = false;
    }
  }

  private void indent() {
    out.append('\n');
    for (int i = 0; i < depth; i++) {
      out.append("  ");
    }
  }

  private void escape(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        default -> out.append(c);
      }
    }
  }
}
