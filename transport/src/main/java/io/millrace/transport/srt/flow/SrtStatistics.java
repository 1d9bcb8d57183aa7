package io.millrace.transport.srt.flow;

/**
 * Counters of one connection since its start and its state at one instant, named as in libsrt's
 * {@code SRT_TRACEBSTATS} (there the counters end in {@code Total}). Bytes of data packets include
 * the 44 bytes of IP, UDP and SRT headers, as libsrt's do.
 *
 * @param msTimeStamp time since the start
 * @param pktSent data packets sent, those sent again included
 * @param pktSentUnique data packets sent for the first time
 * @param pktRetrans data packets sent again
 * @param pktSndLoss packets that the peer reported as lost, each time
 * @param pktSndDrop packets dropped as too old to be sent, or without room
 * @param pktRecv data packets received, whatever became of them
 * @param pktRecvUnique data packets received that were of use
 * @param pktRcvLoss packets found missing when a later one came
 * @param pktRcvRetrans packets received that the peer marked as sent again
 * @param pktRcvDrop packets never delivered: missing when a later one was due, or without room
 * @param pktRcvBelated packets that came after their place was passed
 * @param pktRcvDuplicate packets that were there already; not in libsrt
 * @param pktRcvUndecrypt packets whose key is not known
 * @param pktRcvOutOfWindow packets refused for a number far ahead; not in libsrt
 * @param pktRcvInvalid control packets refused as malformed or impossible; not in libsrt
 * @param byteRcvLoss of the packets found missing, estimated when they are
 * @param byteRcvDrop of the packets never delivered, estimated
 * @param pktRcvAvgBelatedMs how late belated packets were on average
 * @param pktReorderDistance largest reordering seen
 * @param pktReorderTolerance reordering waited for before a loss is reported
 * @param pktFlowWindow packets that the peer has room for
 * @param pktFlightSize packets sent and not acknowledged
 * @param usPktSndPeriod least time between two packets
 * @param msRTT smoothed round trip time
 * @param msRTTVar its variance; not in libsrt
 * @param mbpsSendRate sending rate of the last second
 * @param mbpsRecvRate receiving rate of the last second
 * @param mbpsBandwidth link capacity, estimated from packet pairs
 * @param mbpsMaxBW what pacing lets through; 0 without a limit
 * @param byteMSS largest IP packet
 * @param pktSndBuf packets in the send buffer
 * @param msSndBuf time that they span
 * @param msSndTsbPdDelay the peer's latency
 * @param pktRcvBuf packets waiting for their time
 * @param msRcvBuf time that they span
 * @param msRcvTsbPdDelay the own latency
 * @param usDrift clock drift corrected so far, positive when the peer's clock is slow; not in
 *     libsrt
 */
public record SrtStatistics(
    long msTimeStamp,
    long pktSent,
    long pktSentUnique,
    long pktRetrans,
    long pktSndLoss,
    long pktSndDrop,
    long pktRecv,
    long pktRecvUnique,
    long pktRcvLoss,
    long pktRcvRetrans,
    long pktRcvDrop,
    long pktRcvBelated,
    long pktRcvDuplicate,
    long pktRcvUndecrypt,
    long pktRcvOutOfWindow,
    long pktRcvInvalid,
    long pktSentACK,
    long pktRecvACK,
    long pktSentNAK,
    long pktRecvNAK,
    long byteSent,
    long byteSentUnique,
    long byteRetrans,
    long byteSndDrop,
    long byteRecv,
    long byteRecvUnique,
    long byteRcvLoss,
    long byteRcvDrop,
    long byteRcvUndecrypt,
    double pktRcvAvgBelatedMs,
    int pktReorderDistance,
    int pktReorderTolerance,
    int pktFlowWindow,
    int pktFlightSize,
    double usPktSndPeriod,
    double msRTT,
    double msRTTVar,
    double mbpsSendRate,
    double mbpsRecvRate,
    double mbpsBandwidth,
    double mbpsMaxBW,
    int byteMSS,
    int pktSndBuf,
    int byteSndBuf,
    int msSndBuf,
    int msSndTsbPdDelay,
    int pktRcvBuf,
    int byteRcvBuf,
    int msRcvBuf,
    int msRcvTsbPdDelay,
    long usDrift) {}
