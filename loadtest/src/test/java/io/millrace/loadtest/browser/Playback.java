package io.millrace.loadtest.browser;

import io.millrace.loadtest.e2e.Json;
import java.util.List;
import java.util.Map;

/**
 * How a stream played, measured beside the player.
 *
 * @param playedSeconds media shown, without jumps
 * @param wallSeconds since the first moving picture
 * @param startupMs from the page's load to the first moving picture; NaN if there was none
 * @param stalls each: how long currentTime stood still, in milliseconds
 * @param jumps each: seconds that currentTime moved beyond what the clock explains
 * @param levels rungs in the order in which they were shown
 * @param sizes picture heights that the browser really decoded, in order
 * @param maxHoles most buffered ranges ahead of the playhead's own at one time
 * @param page what the server's own page says of itself; empty for other players
 * @param json all of it, for messages
 */
public record Playback(
    double playedSeconds,
    double wallSeconds,
    double startupMs,
    double currentTime,
    List<Double> stalls,
    List<Double> jumps,
    List<Level> levels,
    List<Level> rungs,
    List<Integer> sizes,
    int switchesAsked,
    long decodedFrames,
    long droppedFrames,
    double latencySeconds,
    int maxHoles,
    List<String> errors,
    List<String> warnings,
    Map<String, Object> page,
    String json) {

  /** A rung: picture height and codec, as the playlist or manifest names it. */
  public record Level(int height, String codec) {
    public boolean isAv1() {
      return codec.startsWith("av01") || codec.equals("av1");
    }
  }

  static Playback parse(String line) {
    Map<String, Object> json = Json.object(line);
    return new Playback(
        Json.number(json.get("playedSeconds")),
        Json.number(json.get("wallSeconds")),
        Json.number(json.get("startedMs")),
        Json.number(json.get("currentTime")),
        numbers(json.get("stalls"), "ms"),
        numbers(json.get("jumps"), "bySeconds"),
        levels(json.get("levels")),
        levels(json.get("rungs")),
        numbers(json.get("sizes"), "height").stream().map(Double::intValue).toList(),
        (int) Json.number(json.get("switchesAsked")),
        (long) Json.number(json.get("decodedFrames")),
        (long) Json.number(json.get("droppedFrames")),
        Json.number(Json.object(json.get("latencySeconds")).get("settled")),
        (int) Json.number(json.get("maxHoles")),
        Json.strings(json.get("errors")),
        Json.strings(json.get("warnings")),
        Json.object(json.get("page")),
        line);
  }

  private static List<Double> numbers(Object list, String member) {
    return Json.list(list).stream()
        .map(each -> Json.number(Json.object(each).get(member)))
        .toList();
  }

  private static List<Level> levels(Object list) {
    return Json.list(list).stream()
        .map(Json::object)
        .map(each -> new Level((int) Json.number(each.get("height")), "" + each.get("codec")))
        .toList();
  }

  public double longestStallMs() {
    return stalls.stream().mapToDouble(Double::doubleValue).max().orElse(0);
  }
}
