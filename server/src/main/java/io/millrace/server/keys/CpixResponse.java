package io.millrace.server.keys;

import io.millrace.media.MediaFormatException;
import io.millrace.packager.bmff.Box;
import io.millrace.packager.bmff.BoxReader;
import io.millrace.packager.bmff.ProtectionSystemBox;
import io.millrace.packager.crypt.ContentKey;
import io.millrace.packager.crypt.DrmSystem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.ErrorHandler;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;

/**
 * Reads a key server's document (DASH-IF CPIX 2.3): {@code ContentKey} with {@code
 * pskc:Secret/pskc:PlainValue}, {@code DRMSystem} with {@code PSSH} and {@code HLSSignalingData}.
 * No document type, no entities, nothing from outside is read; the size is bounded.
 */
final class CpixResponse {
  /** No document for one key comes near it. */
  static final int MAXIMUM_BYTES = 256 * 1024;

  private static final String PSKC = "urn:ietf:params:xml:ns:keyprov:pskc";
  private static final int KEY_BYTES = 16;

  private CpixResponse() {}

  /**
   * @param iv where the document has no explicitIV
   * @throws KeyServerException if the key is not in the document as it has to be
   */
  static ContentKey read(byte[] document, UUID kid, byte[] iv) throws KeyServerException {
    Element root = parse(document);
    Element key = null;
    for (Element each : elements(root, CpixRequest.CPIX, "ContentKey")) {
      if (kid.toString().equalsIgnoreCase(each.getAttribute("kid"))) {
        key = each;
      }
    }
    if (key == null) {
      throw new KeyServerException("the document has no key " + kid);
    }
    List<Element> values = elements(key, PSKC, "PlainValue");
    if (values.size() != 1) {
      throw new KeyServerException("key " + kid + " has no plain value");
    }
    String explicitIv = key.getAttribute("explicitIV");
    return new ContentKey(
        kid,
        bytes(values.getFirst().getTextContent(), "key"),
        explicitIv.isEmpty() ? iv : bytes(explicitIv, "explicitIV"),
        systems(root, kid));
  }

  private static Element parse(byte[] document) throws KeyServerException {
    if (document.length > MAXIMUM_BYTES) {
      throw new KeyServerException("document of " + document.length + " bytes");
    }
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultNSInstance();
      factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      factory.setAttribute(XMLConstants.ACCESS_EXTERNAL_DTD, "");
      factory.setAttribute(XMLConstants.ACCESS_EXTERNAL_SCHEMA, "");
      factory.setXIncludeAware(false);
      factory.setExpandEntityReferences(false);
      DocumentBuilder builder = factory.newDocumentBuilder();
      builder.setErrorHandler(Silent.INSTANCE);
      Element root = builder.parse(new ByteArrayInputStream(document)).getDocumentElement();
      if (!CpixRequest.CPIX.equals(root.getNamespaceURI()) || !"CPIX".equals(root.getLocalName())) {
        throw new KeyServerException("not a CPIX document");
      }
      return root;
    } catch (SAXException | IOException e) {
      // Not the parser's message: it may quote the document.
      throw e instanceof KeyServerException known
          ? known
          : new KeyServerException("not an XML document, or one with a document type");
    } catch (ParserConfigurationException e) {
      throw new AssertionError("the platform's parser can be hardened", e);
    }
  }

  private static List<DrmSystem> systems(Element root, UUID kid) throws KeyServerException {
    List<DrmSystem> systems = new ArrayList<>();
    for (Element each : elements(root, CpixRequest.CPIX, "DRMSystem")) {
      if (kid.toString().equalsIgnoreCase(each.getAttribute("kid"))) {
        systems.add(
            new DrmSystem(
                system(each.getAttribute("systemId")),
                pssh(each),
                tags(each, "media", "#EXT-X-KEY:"),
                tags(each, "master", "#EXT-X-SESSION-KEY:")));
      }
    }
    return systems;
  }

  private static UUID system(String id) throws KeyServerException {
    try {
      return UUID.fromString(id);
    } catch (IllegalArgumentException _) {
      throw new KeyServerException("a DRM system without a systemId");
    }
  }

  private static byte[] pssh(Element system) throws KeyServerException {
    List<Element> elements = elements(system, CpixRequest.CPIX, "PSSH");
    String text = elements.isEmpty() ? "" : elements.getFirst().getTextContent().strip();
    byte[] box = decode(text, "PSSH");
    try {
      List<Box> boxes = box.length == 0 ? List.of() : BoxReader.read(box);
      if (box.length > 0
          && (boxes.size() != 1 || !(boxes.getFirst() instanceof ProtectionSystemBox))) {
        throw new KeyServerException("PSSH is not one pssh box");
      }
    } catch (MediaFormatException _) {
      throw new KeyServerException("PSSH is not a box");
    }
    return box;
  }

  /** The lines that are tags of the kind; others have no place in a playlist. */
  private static String tags(Element system, String playlist, String tag)
      throws KeyServerException {
    StringBuilder lines = new StringBuilder();
    for (Element each : elements(system, CpixRequest.CPIX, "HLSSignalingData")) {
      if (playlist.equals(each.getAttribute("playlist"))) {
        byte[] text = decode(each.getTextContent(), "HLSSignalingData");
        for (String line : new String(text, StandardCharsets.UTF_8).split("\\R")) {
          if (line.startsWith(tag) && line.chars().allMatch(c -> c >= ' ' && c < 0x7F)) {
            lines.append(line).append('\n');
          }
        }
      }
    }
    return lines.toString();
  }

  private static byte[] bytes(String base64, String what) throws KeyServerException {
    byte[] bytes = decode(base64, what);
    if (bytes.length != KEY_BYTES) {
      throw new KeyServerException(what + " of " + bytes.length + " bytes");
    }
    return bytes;
  }

  private static byte[] decode(String base64, String what) throws KeyServerException {
    try {
      return Base64.getMimeDecoder().decode(base64.strip());
    } catch (IllegalArgumentException _) {
      throw new KeyServerException(what + " is not base64");
    }
  }

  private static List<Element> elements(Element parent, String namespace, String name) {
    NodeList nodes = parent.getElementsByTagNameNS(namespace, name);
    List<Element> elements = new ArrayList<>(nodes.getLength());
    for (int i = 0; i < nodes.getLength(); i++) {
      if (nodes.item(i) instanceof Element element) {
        elements.add(element);
      }
    }
    return elements;
  }

  /** The default one prints to standard error. */
  private enum Silent implements ErrorHandler {
    INSTANCE;

    @Override
    public void warning(@Nullable SAXParseException e) {}

    @Override
    public void error(SAXParseException e) throws SAXException {
      throw e;
    }

    @Override
    public void fatalError(SAXParseException e) throws SAXException {
      throw e;
    }
  }
}
