/* SPDX-License-Identifier: MIT */
/* The least a guest can do: PID 1 that powers off at once. What it takes is the floor of every
 * launch. */
#include <sys/reboot.h>
#include <unistd.h>

int main(void)
{
	if (getpid() != 1)
		return 2;
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}
