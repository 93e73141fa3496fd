/* The original, asked over the wire protocol: Debian's build of pjreddie's DarkNet behind the C starter. A process of
 * its own, because the library was linked with -Ofast: loading it sets flush-to-zero. */
#define PORT_OPERATIONS "operations.h"
#include "port.c"
