package io.proxytune.examples.report;

import static com.google.common.base.Preconditions.checkArgument;

import java.io.StringWriter;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * Writes elements, well-formed and escaped by the JDK's own writer. Attributes are pairs of name
 * and value. For one thread.
 */
public final class Markup {
  private final StringWriter text = new StringWriter();
  private final XMLStreamWriter xml;

  /** A step of writing that can't fail: it goes into memory. */
  private interface Step {
    void run() throws XMLStreamException;
  }

  public Markup() {
    try {
      xml = XMLOutputFactory.newFactory().createXMLStreamWriter(text);
    } catch (XMLStreamException e) {
      throw new IllegalStateException(e);
    }
  }

  private Markup then(Step step) {
    try {
      step.run();
      return this;
    } catch (XMLStreamException e) {
      throw new IllegalStateException(e);
    }
  }

  public Markup documentType(String declaration) {
    return then(() -> xml.writeDTD(declaration));
  }

  public Markup open(String element, Object... attributes) {
    return then(() -> xml.writeStartElement(element)).attributes(attributes);
  }

  /** An element that never has content, such as {@code meta}. */
  public Markup leaf(String element, Object... attributes) {
    return then(() -> xml.writeEmptyElement(element)).attributes(attributes);
  }

  /** An element with nothing but text. */
  public Markup element(String element, String content, Object... attributes) {
    return open(element, attributes).text(content).close();
  }

  public Markup text(String content) {
    return then(() -> xml.writeCharacters(content));
  }

  public Markup close() {
    return then(xml::writeEndElement);
  }

  private Markup attributes(Object... attributes) {
    checkArgument(attributes.length % 2 == 0, "attributes come in pairs of name and value");
    for (int i = 0; i < attributes.length; i += 2) {
      String name = (String) attributes[i];
      String value = spelled(attributes[i + 1]);
      then(() -> xml.writeAttribute(name, value));
    }
    return this;
  }

  /** Coordinates with a decimal; all else as it is. */
  private static String spelled(Object value) {
    return value instanceof Double number
        ? String.format(Locale.ROOT, "%.1f", number)
        : String.valueOf(value);
  }

  @Override
  public String toString() {
    then(xml::flush);
    return text.toString();
  }
}
