"""A data plane that greets as one does and then tells the control plane of what there is not."""

import ctypes
import socket
import threading

import contract

CAPACITY = 64
LAST, BEYOND = CAPACITY - 1, 4000  # an index that nobody has, and one that there cannot be
REGISTER = (b"REGISTER sip:abc.com SIP/2.0\r\nVia: SIP/2.0/UDP [2001:db8::1];branch=z9hG4bKliar\r\n"
            b"From: <sip:user-a@abc.com>;tag=1\r\nTo: <sip:user-a@abc.com>\r\nCall-ID: liar\r\n"
            b"CSeq: 1 REGISTER\r\nContact: <sip:user-a@[2001:db8::1]>\r\nExpires: 300\r\n"
            b"Content-Length: 0\r\n\r\n")


def whole(message, identifier, request=0, rest=b""):
    head = message.head if hasattr(message, "head") else message
    head.header = contract.Header(contract.MAGIC, contract.VERSION, identifier,
                                  ctypes.sizeof(message) + len(rest), request)
    return bytes(message) + rest


def sa_record(index):
    address = contract.Address.of("2001:db8::1", 5060)
    sa = contract.Sa(index=index, generation=3, directions=3, owner_kind=1, suite=1, mode=1,
                     level=3, spi_out=777, is_replay_checked=1, hard_expiry_s=1 << 40,
                     inner_local=address, inner_remote=address, outer_local=address,
                     outer_remote=address, subscriber=b"user-a@abc.com")
    return contract.SaRecord(sa=sa)


class LyingDataPlane(threading.Thread):
    """Listens at a path until it has said all that it has to say, or the control plane leaves it.

    said: how many lies the control plane has taken without closing. is_asked: it is to tell of its bindings, and
    does when it may_finish.
    """

    def __init__(self, path, timeout):
        super().__init__(daemon=True)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(str(path))
        self.listener.listen(1)
        self.listener.settimeout(timeout)
        self.link = None
        self.said = 0
        self.timeout = timeout
        self.is_asked, self.may_finish = threading.Event(), threading.Event()
        self.is_restored = threading.Event()

    def answer(self, header, message):
        """All that is asked is done, it says; and asked for its SAs it tells of two."""
        if header.id == contract.HELLO:
            self.link.send(whole(contract.Welcome(workers=1, sa_capacity=CAPACITY,
                                                  binding_capacity=CAPACITY),
                                 contract.WELCOME, header.request))
            return
        kind = contract.Dump.from_buffer_copy(message).kind if header.id == contract.DUMP else None
        if kind == contract.DUMP_SAS_WITH_KEYS:
            for index in (BEYOND, BEYOND + 1):
                self.link.send(whole(sa_record(index), contract.SA_RECORD, header.request))
        if kind == contract.DUMP_BINDINGS:
            self.is_asked.set()
            self.may_finish.wait(self.timeout)
        self.link.send(whole(contract.Answer(to_id=header.id), contract.ANSWER, header.request))
        if kind == contract.DUMP_BINDINGS:
            self.is_restored.set()

    def run(self):
        try:
            self.link, _ = self.listener.accept()
            while packet := self.link.recv(contract.PACKET_BYTES):
                for header, message in contract.messages(packet):
                    self.answer(header, message)
        except OSError:
            pass

    def tell(self, message, identifier, rest=b""):
        self.link.send(whole(message, identifier, rest=rest))
        self.said += 1

    def lie(self):
        """Events and a request of SAs that nobody has."""
        address = contract.Address.of("2001:db8::1", 5060)
        for index in (1, LAST, BEYOND):
            for kind in (contract.EVENT_SA_FIRST_PACKET, contract.EVENT_SA_HARD_LIMIT,
                         contract.EVENT_SA_MOVED, contract.EVENT_SA_HALF_SPENT):
                self.tell(contract.Event(head=contract.EventHead(kind=kind, sa_index=index),
                                         sa_generation=9, outer=address), contract.EVENT)
            self.tell(contract.SipReceived(
                origin=contract.ORIGIN_SA, sa_generation=9, sa_index=index, source=address,
                destination=address, sip_length=len(REGISTER)), contract.SIP_RECEIVED, REGISTER)
            self.tell(sa_record(index), contract.SA_RECORD)

    def close(self):
        self.listener.close()
        if self.link is not None:
            self.link.shutdown(socket.SHUT_RDWR)  # or run() would go on holding it
            self.join()
            self.link.close()
