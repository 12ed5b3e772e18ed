// A volume for tests, by FUSE: it shows a folder of the system as it is, but has no hard links (ENOSYS), as many network
// volumes and drivers in user space.
//
//	no_links_fs FOLDER MOUNT_POINT
//
// Prints "mounted" when it is there, and ends when it is unmounted.
package main

import (
	"context"
	"fmt"
	"os"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

type node struct {
	fs.LoopbackNode
}

var _ = (fs.NodeLinker)((*node)(nil))

func (n *node) Link(context.Context, fs.InodeEmbedder, string, *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	return nil, syscall.ENOSYS
}

func main() {
	folder, mountPoint := os.Args[1], os.Args[2]
	var status syscall.Stat_t
	if err := syscall.Stat(folder, &status); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	root := &fs.LoopbackRoot{Path: folder, Dev: uint64(status.Dev)}
	root.NewNode = func(data *fs.LoopbackRoot, _ *fs.Inode, _ string, _ *syscall.Stat_t) fs.InodeEmbedder {
		return &node{fs.LoopbackNode{RootData: data}}
	}
	top := root.NewNode(root, nil, "", &status)
	server, err := fs.Mount(mountPoint, top, &fs.Options{MountOptions: fuse.MountOptions{Name: "no_links"}})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("mounted")
	server.Wait()
}
