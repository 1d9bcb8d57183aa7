package io.millrace.server.keys;

import io.millrace.packager.crypt.Scheme;
import java.io.StringWriter;
import java.util.List;
import java.util.UUID;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * Asks a key server for the key of one crypto period (DASH-IF CPIX 2.3): a document that names the
 * key and the DRM systems, and is to come back with both filled in.
 *
 * @param content the stream, as the key server knows it
 */
record CpixRequest(String content, Scheme scheme, List<UUID> systems) {
  static final String CPIX = "urn:dashif:org:cpix";

  String document(UUID kid, long period, boolean rotates) {
    StringWriter text = new StringWriter();
    try {
      XMLStreamWriter xml = XMLOutputFactory.newFactory().createXMLStreamWriter(text);
      xml.writeStartDocument("UTF-8", "1.0");
      xml.setPrefix("cpix", CPIX);
      xml.writeStartElement(CPIX, "CPIX");
      xml.writeNamespace("cpix", CPIX);
      xml.writeNamespace("pskc", "urn:ietf:params:xml:ns:keyprov:pskc");
      xml.writeAttribute("contentId", content);
      xml.writeAttribute("version", "2.3");
      xml.writeStartElement(CPIX, "ContentKeyList");
      xml.writeEmptyElement(CPIX, "ContentKey");
      xml.writeAttribute("kid", kid.toString());
      xml.writeAttribute("commonEncryptionScheme", scheme.fourCc());
      xml.writeEndElement();
      if (!systems.isEmpty()) {
        xml.writeStartElement(CPIX, "DRMSystemList");
        for (UUID system : systems) {
          system(xml, kid, system);
        }
        xml.writeEndElement();
      }
      if (rotates) {
        period(xml, kid, "keyPeriod_" + period, period);
      }
      xml.writeEndElement();
      xml.writeEndDocument();
      xml.close();
    } catch (XMLStreamException e) {
      throw new AssertionError("writes to memory", e);
    }
    return text.toString();
  }

  private static void system(XMLStreamWriter xml, UUID kid, UUID system) throws XMLStreamException {
    xml.writeStartElement(CPIX, "DRMSystem");
    xml.writeAttribute("kid", kid.toString());
    xml.writeAttribute("systemId", system.toString());
    xml.writeEmptyElement(CPIX, "PSSH");
    for (String playlist : List.of("media", "master")) {
      xml.writeEmptyElement(CPIX, "HLSSignalingData");
      xml.writeAttribute("playlist", playlist);
    }
    xml.writeEndElement();
  }

  private static void period(XMLStreamWriter xml, UUID kid, String id, long period)
      throws XMLStreamException {
    xml.writeStartElement(CPIX, "ContentKeyPeriodList");
    xml.writeEmptyElement(CPIX, "ContentKeyPeriod");
    xml.writeAttribute("id", id);
    xml.writeAttribute("index", Long.toString(period));
    xml.writeEndElement();
    xml.writeStartElement(CPIX, "ContentKeyUsageRuleList");
    xml.writeStartElement(CPIX, "ContentKeyUsageRule");
    xml.writeAttribute("kid", kid.toString());
    xml.writeEmptyElement(CPIX, "KeyPeriodFilter");
    xml.writeAttribute("periodId", id);
    xml.writeEndElement();
    xml.writeEndElement();
  }
}
