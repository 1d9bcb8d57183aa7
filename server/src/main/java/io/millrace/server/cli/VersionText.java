package io.millrace.server.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The version of Millrace, from the build, and of the JDK that runs it. */
public final class VersionText implements IVersionProvider {

  /** Such as {@code 0.1.0}. */
  public static String version() {
    Properties properties = new Properties();
    try (InputStream in =
        VersionText.class.getResourceAsStream("/io/millrace/server/version.properties")) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException _) {
      return "unknown";
    }
    return properties.getProperty("version", "unknown");
  }

  @Override
  public String[] getVersion() {
    return new String[] {"millrace " + version() + " (JDK " + Runtime.version() + ")"};
  }
}
