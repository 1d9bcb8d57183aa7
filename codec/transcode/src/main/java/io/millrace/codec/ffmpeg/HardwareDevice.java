package io.millrace.codec.ffmpeg;

import io.millrace.codec.CodecException;
import io.millrace.codec.Engine;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Finds the device of a hardware encoder, so that its absence is said in words. */
final class HardwareDevice {
  private HardwareDevice() {}

  /**
   * The device file that {@code engine} needs.
   *
   * @param dev where devices are: {@code /dev}
   * @throws CodecException naming the device that is not there, or may not be used
   */
  static Path find(Engine engine, Path dev) {
    return switch (engine) {
      case NVENC ->
          first(engine, "an NVIDIA GPU and its driver", dev, List.of("nvidiactl", "dxg"), dev);
      case QSV -> node(engine, "an Intel GPU", dev.resolve("dri"), "renderD");
      case VAAPI -> node(engine, "an Intel or AMD GPU", dev.resolve("dri"), "renderD");
      case V4L2M2M -> node(engine, "a codec of the kernel", dev, "video");
      default -> throw new IllegalArgumentException(engine + " needs no device");
    };
  }

  private static Path first(Engine engine, String what, Path dev, List<String> names, Path folder) {
    for (String name : names) {
      Path device = folder.resolve(name);
      if (Files.exists(device)) {
        return usable(engine, device);
      }
    }
    throw new CodecException(
        engine.word() + " needs " + what + ": " + dev.resolve(names.getFirst()) + " is not there");
  }

  private static Path node(Engine engine, String what, Path folder, String prefix) {
    List<Path> found = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, prefix + "[0-9]*")) {
        entries.forEach(found::add);
      } catch (IOException e) {
        throw new CodecException(engine.word() + ": " + folder + " cannot be read", e);
      }
    }
    if (found.isEmpty()) {
      throw new CodecException(
          engine.word() + " needs " + what + ": there is no " + folder.resolve(prefix + "*"));
    }
    Collections.sort(found);
    return usable(engine, found.getFirst());
  }

  private static Path usable(Engine engine, Path device) {
    if (!Files.isReadable(device) || !Files.isWritable(device)) {
      throw new CodecException(
          engine.word() + ": no permission to use " + device + " (its group must be the server's)");
    }
    return device;
  }
}
