package io.millrace.server.origin;

import io.millrace.media.VideoCodec;

/** Has what a viewer asks for made where that is not made for nobody. Any thread. */
public interface Demand {
  /** Everything is made always. */
  Demand NONE =
      new Demand() {
        @Override
        public void request(String rendition) {}

        @Override
        public void request(VideoCodec codec) {}

        @Override
        public boolean isReady(String rendition) {
          return true;
        }

        @Override
        public boolean isReady(VideoCodec codec) {
          return true;
        }
      };

  /** Somebody watches a rendition. */
  void request(String rendition);

  /** Somebody prefers a codec. */
  void request(VideoCodec codec);

  /** False while a rendition has nothing of the present yet. */
  boolean isReady(String rendition);

  /** False while what there is of a codec has nothing of the present yet. */
  boolean isReady(VideoCodec codec);
}
