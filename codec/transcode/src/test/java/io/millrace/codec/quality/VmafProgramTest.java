package io.millrace.codec.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** By programs that answer as libvmaf's does, or do not. */
class VmafProgramTest {
  /** As vmaf 3.2 writes it, of two pictures. */
  private static final String REPORT =
      """
      <VMAF version="3.2.0">
        <params qualityWidth="1280" qualityHeight="720" />
        <frames>
          <frame frameNum="0" integer_adm2="0.9" vmaf="91.250000" />
          <frame frameNum="1" integer_adm2="0.9" vmaf="93.250000" />
        </frames>
        <pooled_metrics>
          <metric name="integer_adm2" min="0.9" max="0.9" mean="0.900000" harmonic_mean="0.9" />
          <metric name="vmaf" min="91.250000" max="93.250000" mean="92.250000" harmonic_mean="92.2" />
        </pooled_metrics>
        <aggregate_metrics />
      </VMAF>
      """;

  @TempDir private Path folder;

  private VmafProgram program(String script) throws IOException {
    Path file = Files.writeString(folder.resolve("vmaf"), "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    return new VmafProgram(file);
  }

  private double run(VmafProgram program) throws Exception {
    return program.vmaf(folder.resolve("r.y4m"), folder.resolve("d.y4m"), folder);
  }

  @Test
  void itsReportIsReadFromWhereItWasToldToWriteIt() throws Exception {
    Path report = Files.writeString(folder.resolve("given.xml"), REPORT);
    VmafProgram program =
        program(
            """
            echo "$@" > %1$s/arguments
            while [ "$1" != --output ]; do shift; done
            cp %2$s "$2"
            """
                .formatted(folder, report));
    assertThat(run(program)).isEqualTo(92.25);
    assertThat(Files.readString(folder.resolve("arguments")))
        .contains("--reference " + folder.resolve("r.y4m"))
        .contains("--distorted " + folder.resolve("d.y4m"))
        .contains("--model version=vmaf_v0.6.1", "--threads 1", "--xml");
  }

  @Test
  void whatItSaysWhenItFailsIsTold() throws Exception {
    VmafProgram program = program("echo 'could not read the model' >&2; exit 3");
    assertThatThrownBy(() -> run(program))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("ended with 3: could not read the model");
  }

  @Test
  void aReportWithoutVmafIsAnError() throws Exception {
    VmafProgram program =
        program("while [ \"$1\" != --output ]; do shift; done; echo '<VMAF/>' > \"$2\"");
    assertThatThrownBy(() -> run(program)).hasMessageContaining("no vmaf");
  }

  @Test
  void aProgramThatIsNotThereIsAnError() {
    VmafProgram program = new VmafProgram(folder.resolve("none"));
    assertThatThrownBy(() -> run(program)).isInstanceOf(IOException.class);
  }
}
