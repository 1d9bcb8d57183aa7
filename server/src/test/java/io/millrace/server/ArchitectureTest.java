package io.millrace.server;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The arrows of ARCHITECTURE.md, "Layout and the only arrows allowed". */
final class ArchitectureTest {
  private static final String JDK = "java..";
  private static final String JAVAX = "javax..";
  private static final String JSPECIFY = "org.jspecify..";
  private static final String SLF4J = "org.slf4j..";
  private static final String NATIVES = "io.millrace.natives..";
  private static final String MEDIA = "io.millrace.media..";
  private static final String CODEC = "io.millrace.codec..";
  private static final String TRANSPORT = "io.millrace.transport..";
  private static final String PACKAGER = "io.millrace.packager..";
  private static final String SERVER = "io.millrace.server..";
  private static final String BUFFER = "io.netty.buffer..";
  private static final String NETTY_UTIL = "io.netty.util..";
  private static final String NETTY = "io.netty..";

  private static JavaClasses all = new ClassFileImporter().importPackages("io.millrace.none");

  @BeforeAll
  static void read() {
    all =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("io.millrace");
  }

  @Test
  void nativesKnowsTheJdkOnly() {
    only(NATIVES, JDK, NATIVES, JSPECIFY, SLF4J);
  }

  @Test
  void mediaKnowsNettysBuffersOnly() {
    only(MEDIA, JDK, MEDIA, BUFFER, NETTY_UTIL, JSPECIFY, SLF4J);
  }

  @Test
  void codecKnowsMediaNativesAndFfmpeg() {
    only(CODEC, JDK, CODEC, MEDIA, NATIVES, "org.bytedeco..", BUFFER, NETTY_UTIL, JSPECIFY, SLF4J);
  }

  @Test
  void transportKnowsMediaAndNetty() {
    only(
        TRANSPORT,
        JDK,
        JAVAX,
        TRANSPORT,
        MEDIA,
        NATIVES,
        NETTY,
        "org.bouncycastle..",
        "org.conscrypt..",
        "com.aayushatharva.brotli4j..",
        JSPECIFY,
        SLF4J);
  }

  @Test
  void onlyTlsInTransportKnowsNatives() {
    check(
        noClasses()
            .that(resideInAnyPackage(TRANSPORT))
            .and(not(resideInAnyPackage("io.millrace.transport.tls..")))
            .should()
            .dependOnClassesThat(resideInAnyPackage(NATIVES)));
  }

  @Test
  void packagerKnowsMediaAndNoHttp() {
    only(PACKAGER, JDK, JAVAX, PACKAGER, MEDIA, BUFFER, NETTY_UTIL, JSPECIFY, SLF4J);
  }

  @Test
  void noModuleKnowsTheServer() {
    check(
        noClasses()
            .that(resideInAnyPackage(NATIVES, MEDIA, CODEC, TRANSPORT, PACKAGER))
            .should()
            .dependOnClassesThat(resideInAnyPackage(SERVER, "io.millrace.loadtest..")));
  }

  @Test
  void whatReadsConfigurationOrChecksKeysKnowsNoTransport() {
    check(
        noClasses()
            .that(
                resideInAnyPackage(
                    "io.millrace.server.config..",
                    "io.millrace.server.auth..",
                    "io.millrace.server.log.."))
            .should()
            .dependOnClassesThat(resideInAnyPackage(TRANSPORT, PACKAGER, NETTY)));
  }

  @Test
  void liveStreamsKnowNoWireAndNoRoute() {
    check(
        noClasses()
            .that(resideInAnyPackage("io.millrace.server.live.."))
            .should()
            .dependOnClassesThat(
                resideInAnyPackage(
                    "io.millrace.transport.rtmp..",
                    "io.millrace.transport.http..",
                    "io.millrace.server.origin..",
                    "io.millrace.server.api..",
                    "io.millrace.server.cli.."))
            .allowEmptyShould(true));
  }

  @Test
  void theOriginKnowsNoPublisherAndNoEncoder() {
    check(
        noClasses()
            .that(resideInAnyPackage("io.millrace.server.origin.."))
            .should()
            .dependOnClassesThat(
                resideInAnyPackage("io.millrace.transport.rtmp..", CODEC, "org.bytedeco.."))
            .allowEmptyShould(true));
  }

  private static void only(String module, String... allowed) {
    check(
        classes()
            .that(resideInAnyPackage(module))
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(allowed)));
  }

  private static void check(ArchRule rule) {
    rule.check(all);
  }
}
