/* What Java cannot do to its own process. */
#include <jni.h>
#include <stdlib.h>
#include <sys/resource.h>

/* The environment, which Java can read but not write; native libraries read their settings from it. */

JNIEXPORT jboolean JNICALL Java_io_millrace_natives_ProcessEnvironment_setIfAbsent0(JNIEnv *env, jclass type,
                                                                                    jstring name, jstring value) {
  (void)type;
  if (name == NULL || value == NULL) {
    return JNI_FALSE;
  }
  jboolean done = JNI_FALSE;
  const char *name_chars = (*env)->GetStringUTFChars(env, name, NULL);
  const char *value_chars = name_chars == NULL ? NULL : (*env)->GetStringUTFChars(env, value, NULL);
  if (value_chars != NULL) {
    done = setenv(name_chars, value_chars, 0) == 0 ? JNI_TRUE : JNI_FALSE;
    (*env)->ReleaseStringUTFChars(env, value, value_chars);
  }
  if (name_chars != NULL) {
    (*env)->ReleaseStringUTFChars(env, name, name_chars);
  }
  return done;
}

/* Of the calling thread: that is what Linux takes 0 for, whatever POSIX says of processes (setpriority(2)). */
JNIEXPORT jint JNICALL Java_io_millrace_natives_ThreadNiceness_add0(JNIEnv *env, jclass type, jint steps) {
  (void)env;
  (void)type;
  int before = getpriority(PRIO_PROCESS, 0);
  if (steps > 0) {
    int after = before + steps > 19 ? 19 : before + steps;
    (void)setpriority(PRIO_PROCESS, 0, after);
  }
  return getpriority(PRIO_PROCESS, 0);
}
