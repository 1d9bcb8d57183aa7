package io.millrace.transport.srt.flow;

/**
 * What {@link SrtStatistics} counts, by the same names and while the connection lives. Confined to
 * the connection's thread.
 */
final class FlowCounters {
  /** IP, UDP and SRT headers, which libsrt counts with every data packet. */
  static final int HEADER_BYTES = 44;

  long pktSent;
  long pktSentUnique;
  long pktRetrans;
  long pktSndLoss;
  long pktSndDrop;
  long pktRecv;
  long pktRecvUnique;
  long pktRcvLoss;
  long pktRcvRetrans;
  long pktRcvDrop;
  long pktRcvBelated;
  long pktRcvDuplicate;
  long pktRcvUndecrypt;
  long pktRcvOutOfWindow;
  long pktRcvInvalid;
  long pktSentAck;
  long pktRecvAck;
  long pktSentNak;
  long pktRecvNak;
  long byteSent;
  long byteSentUnique;
  long byteRetrans;
  long byteSndDrop;
  long byteRecv;
  long byteRecvUnique;
  long byteRcvLoss;
  long byteRcvDrop;
  long byteRcvUndecrypt;
  long belatedUs;

  /** Packets found missing. Their bytes can only be guessed: as many as others had so far. */
  void lost(long packets) {
    pktRcvLoss += packets;
    byteRcvLoss += packets * meanBytes();
  }

  /** Packets that are never delivered. */
  void dropped(long packets) {
    pktRcvDrop += packets;
    byteRcvDrop += packets * meanBytes();
  }

  private long meanBytes() {
    return pktRecvUnique == 0 ? 0 : byteRecvUnique / pktRecvUnique;
  }
}
