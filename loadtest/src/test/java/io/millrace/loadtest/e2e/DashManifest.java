package io.millrace.loadtest.e2e;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * A dynamic MPD with SegmentTemplate and SegmentTimeline, expanded to segments (ISO/IEC 23009-1
 * §5.3.9).
 */
public record DashManifest(
    String type,
    Instant availabilityStart,
    Optional<URI> utcTiming,
    List<Representation> representations) {

  /** A segment as the timeline gives it, in the representation's timescale. */
  public record Segment(URI uri, long timeTicks, long durationTicks) {}

  public record Representation(
      int period,
      String id,
      String mimeType,
      String codecs,
      int width,
      int height,
      long bandwidth,
      int timescale,
      long presentationTimeOffset,
      URI init,
      List<Segment> segments) {
    public boolean isVideo() {
      return mimeType.startsWith("video/");
    }
  }

  public static DashManifest fetch(URI uri) {
    return parse(uri, Web.bytes(uri));
  }

  public static DashManifest parse(URI uri, byte[] xml) {
    Element mpd;
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      factory.setNamespaceAware(true);
      factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      mpd = factory.newDocumentBuilder().parse(new ByteArrayInputStream(xml)).getDocumentElement();
    } catch (ParserConfigurationException | SAXException | IOException e) {
      throw new AssertionError("not an MPD: " + e.getMessage(), e);
    }
    if (!"urn:mpeg:dash:schema:mpd:2011".equals(mpd.getNamespaceURI())) {
      throw new AssertionError("MPD in namespace " + mpd.getNamespaceURI());
    }
    List<Representation> representations = new ArrayList<>();
    int period = 0;
    for (Element each : children(mpd, "Period")) {
      URI base = base(uri, each);
      for (Element set : children(each, "AdaptationSet")) {
        for (Element representation : children(set, "Representation")) {
          representations.add(representation(period, base(base, set), set, representation));
        }
      }
      period++;
    }
    Optional<URI> timing =
        children(mpd, "UTCTiming").stream()
            .findFirst()
            .map(each -> uri.resolve(each.getAttribute("value")));
    String start = mpd.getAttribute("availabilityStartTime");
    return new DashManifest(
        mpd.getAttribute("type"),
        start.isEmpty() ? Instant.EPOCH : Instant.parse(start),
        timing,
        List.copyOf(representations));
  }

  private static Representation representation(int period, URI base, Element set, Element element) {
    URI root = base(base, element);
    Element template =
        children(element, "SegmentTemplate").stream()
            .findFirst()
            .or(() -> children(set, "SegmentTemplate").stream().findFirst())
            .orElseThrow(() -> new AssertionError("no SegmentTemplate"));
    String id = element.getAttribute("id");
    long number = number(template, "startNumber", 1);
    List<Segment> segments = new ArrayList<>();
    long time = 0;
    for (Element timeline : children(template, "SegmentTimeline")) {
      for (Element s : children(timeline, "S")) {
        time = number(s, "t", time);
        number = number(s, "n", number);
        long duration = number(s, "d", 0);
        for (long r = number(s, "r", 0); r >= 0; r--) {
          String path = fill(template.getAttribute("media"), id, number, time);
          segments.add(new Segment(root.resolve(path), time, duration));
          time += duration;
          number++;
        }
      }
    }
    return new Representation(
        period,
        id,
        inherited(element, set, "mimeType"),
        inherited(element, set, "codecs"),
        (int) Long.parseLong("0" + inherited(element, set, "width")),
        (int) Long.parseLong("0" + inherited(element, set, "height")),
        number(element, "bandwidth", 0),
        (int) number(template, "timescale", 1),
        number(template, "presentationTimeOffset", 0),
        root.resolve(fill(template.getAttribute("initialization"), id, 0, 0)),
        List.copyOf(segments));
  }

  private static String fill(String template, String id, long number, long time) {
    return template
        .replace("$RepresentationID$", id)
        .replace("$Number$", Long.toString(number))
        .replace("$Time$", Long.toString(time));
  }

  private static String inherited(Element element, Element set, String name) {
    String own = element.getAttribute(name);
    return own.isEmpty() ? set.getAttribute(name) : own;
  }

  private static long number(Element element, String name, long otherwise) {
    String text = element.getAttribute(name);
    return text.isEmpty() ? otherwise : Long.parseLong(text);
  }

  private static URI base(URI uri, Element element) {
    return children(element, "BaseURL").stream()
        .findFirst()
        .map(each -> uri.resolve(each.getTextContent().strip()))
        .orElse(uri);
  }

  private static List<Element> children(Element parent, String name) {
    List<Element> found = new ArrayList<>();
    NodeList nodes = parent.getChildNodes();
    for (int i = 0; i < nodes.getLength(); i++) {
      Node node = nodes.item(i);
      if (node instanceof Element element && name.equals(element.getLocalName())) {
        found.add(element);
      }
    }
    return found;
  }

  /**
   * Each listed segment is there, starts at its time, lasts its duration; codecs match the header.
   */
  public List<String> check() {
    List<String> problems = new ArrayList<>();
    if (representations.isEmpty()) {
      problems.add("no Representation");
    }
    for (Representation representation : representations) {
      String name = "DASH " + representation.id + ": ";
      Boxes.Init init = Boxes.init(Web.bytes(representation.init));
      if (init.timescale() != representation.timescale) {
        problems.add(
            name + "timescale " + representation.timescale + ", header " + init.timescale());
      }
      if (!representation
          .codecs
          .toLowerCase(java.util.Locale.ROOT)
          .startsWith(init.codec().toLowerCase(java.util.Locale.ROOT))) {
        problems.add(name + "codecs " + representation.codecs + ", header " + init.codec());
      }
      if (representation.isVideo()
          && (representation.width != init.width() || representation.height != init.height())) {
        problems.add(
            name
                + representation.width
                + "x"
                + representation.height
                + ", header "
                + init.width()
                + "x"
                + init.height());
      }
      long expected = -1;
      for (Segment segment : representation.segments) {
        Boxes.Media media = Boxes.media(Web.bytes(segment.uri));
        boolean video = representation.isVideo();
        long shownTicks = video ? media.presentationTicks().getFirst() : media.decodeTimeTicks();
        // Audio is cut at whole frames: at most one frame from the listed time.
        long frameTicks = media.samples().getFirst().durationTicks();
        if (Math.abs(shownTicks - segment.timeTicks) > (video ? 0 : frameTicks)) {
          problems.add(
              name + segment.uri + " starts at " + shownTicks + ", listed at " + segment.timeTicks);
        }
        // Video's last part may have been sealed before the segment turned out to last longer.
        long shortTicks = Math.max(frameTicks, Conformance.late(init.timescale()));
        if (Math.abs(media.durationTicks() - segment.durationTicks) > shortTicks) {
          problems.add(
              name
                  + segment.uri
                  + " lasts "
                  + media.durationTicks()
                  + ", listed "
                  + segment.durationTicks);
        }
        if (expected >= 0 && segment.timeTicks < expected) {
          problems.add(name + "segments overlap at " + segment.timeTicks);
        }
        expected = segment.timeTicks + segment.durationTicks;
      }
    }
    return problems;
  }
}
