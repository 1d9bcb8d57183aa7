package io.millrace.codec.slate;

import io.millrace.codec.ffmpeg.FfmpegImages;
import io.millrace.media.TrackFormat;

/** Draws slates, upright and in the pixels of a track, which need not be square. */
final class SlateDrawing {
  private static final int BLACK = 0x000000;
  private static final int BACKGROUND = 0x11161D;
  private static final int INK = 0xC9D1DB;

  /** The widest that a line of text may be, and how high it is at most, in parts of the picture. */
  private static final double MAX_TEXT_WIDTH = 0.8;

  private static final double MAX_TEXT_HEIGHT = 0.06;

  private SlateDrawing() {}

  static Canvas draw(Slate slate, TrackFormat.Video track) {
    boolean sideways = track.rotation() % 180 != 0;
    int width = sideways ? track.height() : track.width();
    int height = sideways ? track.width() : track.height();
    double coded = track.sampleAspectRatio().toDouble();
    double pixelAspect = sideways ? 1 / coded : coded;
    return switch (slate) {
      case Slate.Text(String text) -> text(text, width, height, pixelAspect);
      case Slate.Image image -> letterbox(image, width, height, pixelAspect);
    };
  }

  private static Canvas letterbox(Slate.Image image, int width, int height, double pixelAspect) {
    double canvasAspect = width * pixelAspect / height;
    double imageAspect = (double) image.width() / image.height();
    int boxWidth = width;
    int boxHeight = height;
    if (imageAspect > canvasAspect) {
      boxHeight = Math.clamp(Math.round(height * canvasAspect / imageAspect), 1, height);
    } else {
      boxWidth = Math.clamp(Math.round(width * imageAspect / canvasAspect), 1, width);
    }
    int[] scaled =
        FfmpegImages.scale(image.argb(), image.width(), image.height(), boxWidth, boxHeight);
    Canvas canvas = Canvas.filled(width, height, BLACK);
    canvas.blend((width - boxWidth) / 2, (height - boxHeight) / 2, boxWidth, boxHeight, scaled);
    return canvas;
  }

  private static Canvas text(String text, int width, int height, double pixelAspect) {
    Canvas canvas = Canvas.filled(width, height, BACKGROUND);
    StrokeText strokes = StrokeText.of(text);
    if (strokes.width() > 0) {
      double displayWidth = width * pixelAspect;
      double em =
          Math.min(
              height * MAX_TEXT_HEIGHT / StrokeText.CAPITAL_HEIGHT,
              displayWidth * MAX_TEXT_WIDTH / strokes.width());
      double left = (displayWidth - strokes.width() * em) / 2;
      double top = (height - StrokeText.CAPITAL_HEIGHT * em) / 2;
      strokes.draw(canvas, left, top, em, pixelAspect, INK);
    }
    return canvas;
  }
}
