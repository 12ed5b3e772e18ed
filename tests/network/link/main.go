// Command link joins two network namespaces by a layer-3 link with a set rate, one-way delay and loss. It opens
// two TUN devices, moves each into its namespace, and carries the packets between them: a packet leaves when
// those before it have left at the link's rate, and arrives after the delay. What finds the queue full is
// dropped, as a router does. Prints "up" when the link can be used. Needs root and iproute2.
//
// Usage: link -a NAMESPACE:10.9.0.1/24 -b NAMESPACE:10.9.0.2/24 [-delay 25ms] [-mbit 400] [-loss 0.5] [-seed 1]
package main

import (
	"flag"
	"fmt"
	"log"
	"math/rand"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

const (
	mtuBytes = 1500
	// Packets on their way at most, in the queue and in the delay; enough for 10 Gbit/s and 40 ms.
	maximumOnTheWay = 65536
	tunSetInterface = 0x400454ca      // TUNSETIFF
	tunWithoutFrame = 0x0001 | 0x1000 // IFF_TUN | IFF_NO_PI: bare IP packets
)

type packet struct {
	due  time.Time
	data []byte
}

type link struct {
	delay          time.Duration
	bytesPerSecond float64
	lossPercent    float64
	// Bytes that wait for their turn before more are dropped.
	queueBytes float64
}

// carry takes packets from one side to the other until the first is closed.
func (l link) carry(from, to *os.File, chance *rand.Rand) {
	onTheWay := make(chan packet, maximumOnTheWay)
	// Buffers come back, so that the collector has no work at tens of thousands of packets a second.
	empty := make(chan []byte, maximumOnTheWay)
	go func() {
		for p := range onTheWay {
			if early := time.Until(p.due); early > 0 {
				time.Sleep(early)
			}
			to.Write(p.data)
			empty <- p.data[:mtuBytes]
		}
	}()
	// When the last packet so far has left at the link's rate.
	free := time.Now()
	for {
		var data []byte
		select {
		case data = <-empty:
		default:
			data = make([]byte, mtuBytes)
		}
		n, err := from.Read(data)
		if err != nil {
			close(onTheWay)
			return
		}
		if now := time.Now(); free.Before(now) {
			free = now
		}
		waiting := time.Until(free).Seconds() * l.bytesPerSecond
		isLost := chance.Float64()*100 < l.lossPercent
		if isLost || waiting > l.queueBytes || len(onTheWay) == cap(onTheWay) {
			empty <- data
			continue
		}
		free = free.Add(time.Duration(float64(n) / l.bytesPerSecond * float64(time.Second)))
		onTheWay <- packet{free.Add(l.delay), data[:n]}
	}
}

// openTun makes a TUN device; it is gone when its file is closed, so at the end of this process at the latest.
func openTun(name string) *os.File {
	// Opened without O_NONBLOCK on purpose: a reader of its own waits on each.
	descriptor, err := syscall.Open("/dev/net/tun", syscall.O_RDWR|syscall.O_CLOEXEC, 0)
	if err != nil {
		log.Fatal(err)
	}
	var request struct {
		name  [16]byte
		flags uint16
		_     [22]byte
	}
	copy(request.name[:], name)
	request.flags = tunWithoutFrame
	pointer := uintptr(unsafe.Pointer(&request))
	if _, _, fault := syscall.Syscall(syscall.SYS_IOCTL, uintptr(descriptor), tunSetInterface, pointer); fault != 0 {
		log.Fatal(fault)
	}
	return os.NewFile(uintptr(descriptor), name)
}

// lay puts a new device with an address into a namespace; end is NAMESPACE:ADDRESS/PREFIX.
func lay(end, name string) *os.File {
	namespace, address, found := strings.Cut(end, ":")
	if !found {
		log.Fatalf("want NAMESPACE:ADDRESS/PREFIX, not %q", end)
	}
	device := openTun(name)
	ip("link", "set", name, "netns", namespace)
	ip("-n", namespace, "addr", "add", address, "dev", name)
	ip("-n", namespace, "link", "set", name, "mtu", fmt.Sprint(mtuBytes), "txqueuelen", "1000", "up")
	return device
}

func ip(arguments ...string) {
	if said, err := exec.Command("ip", arguments...).CombinedOutput(); err != nil {
		log.Fatalf("ip %v: %v: %s", arguments, err, said)
	}
}

func main() {
	log.SetFlags(0)
	endA := flag.String("a", "", "NAMESPACE:ADDRESS/PREFIX")
	endB := flag.String("b", "", "NAMESPACE:ADDRESS/PREFIX")
	delay := flag.Duration("delay", 25*time.Millisecond, "from one end to the other")
	mbit := flag.Float64("mbit", 400, "Mbit/s each way")
	loss := flag.Float64("loss", 0, "percent of packets lost each way")
	queue := flag.Float64("queue", 0, "bytes queued before drops; 0: what a round trip holds")
	seed := flag.Int64("seed", 1, "which packets are lost")
	flag.Parse()

	l := link{delay: *delay, bytesPerSecond: *mbit * 1e6 / 8, lossPercent: *loss, queueBytes: *queue}
	if l.queueBytes == 0 {
		l.queueBytes = l.bytesPerSecond * 2 * delay.Seconds()
	}
	// Names of devices are at most 15 bytes, and lie in the first namespace together for a moment.
	a := lay(*endA, fmt.Sprintf("pli%da", os.Getpid()))
	b := lay(*endB, fmt.Sprintf("pli%db", os.Getpid()))
	fmt.Println("up")
	go l.carry(b, a, rand.New(rand.NewSource(*seed+1)))
	l.carry(a, b, rand.New(rand.NewSource(*seed)))
}
