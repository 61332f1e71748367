#!/bin/sh
# Boot systemd in name spaces of its own, below an overlay of this system, with
# no units but those in DIR/units, and the scratch directory DIR/up to write to.
# For systemd_unit.py, which calls it with unshare. Ends when systemd does.
set -eu
dir=$1
root=$dir/root
mount --make-rprivate /
mount -t tmpfs tmpfs "$dir/scratch"
mkdir "$dir/scratch/up" "$dir/scratch/work"
mount -t overlay overlay "$root" \
    -o "lowerdir=/,upperdir=$dir/scratch/up,workdir=$dir/scratch/work"
# Nothing of this system's own is to start, and the kernel stays as it is.
mount -t tmpfs tmpfs "$root/etc/systemd/system"
cp -r "$dir/units/." "$root/etc/systemd/system"
for wants in "$root"/lib/systemd/system/*.wants; do
    mount -t tmpfs tmpfs "$wants"
done
mount --bind /dev/null "$root/etc/fstab" 2>/dev/null || :
mount -t proc proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
for place in run tmp var/log var/lib/libvirt; do
    mkdir -p "$root/$place"
    mount -t tmpfs -o mode=755 tmpfs "$root/$place"
done
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for node in null zero full random urandom tty; do
    touch "$root/dev/$node"
    mount --bind "/dev/$node" "$root/dev/$node"
done
mkdir "$root/dev/shm" "$root/dev/pts" "$root/run/test"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
mount --bind "$dir/shared" "$root/run/test"
cd "$root"
mkdir old
pivot_root . old
umount -l /old
exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    /lib/systemd/systemd --system --unit=virt-snapshot-test.target \
    --log-target=null --show-status=0 </dev/null
