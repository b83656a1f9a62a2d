#!/bin/sh
# First process of the guest: gives Node a system to run in, runs the scenario, switches the machine off.
export PATH=/usr/sbin:/usr/bin HOME=/root
busybox mount -t proc proc /proc
busybox mount -t sysfs sys /sys
busybox mount -t devtmpfs dev /dev
busybox mkdir -p /dev/pts /run/netns /run/wireguard
busybox mount -t tmpfs run /run
busybox mkdir -p /run/netns /run/wireguard
/sbin/ip link set lo up
cd /project
node --import ./test/guest/inside/stripped-sources.js test/guest/inside/main.ts
echo "@guest {\"step\":\"ended\",\"status\":$?}"
busybox poweroff -f
