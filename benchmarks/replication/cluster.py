"""A ZooKeeper and three brokers on this machine, for the programs beside this file."""
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TICKS = os.sysconf("SC_CLK_TCK")
JARS = "/usr/share/java/zookeeper.jar:/usr/share/java/slf4j-simple.jar"


def free_ports(count):
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


class Cluster:
    """The brokers have the ids 1 to 3. All processes end with stop()."""

    def __init__(self, directory, settings, profile=False):
        if not pathlib.Path(JARS.split(":")[0]).exists():
            sys.exit("Apache ZooKeeper is not installed. On Debian or Ubuntu: apt-get install zookeeper default-jre-headless.")
        if subprocess.run(["bash", str(ROOT / "eng/build.sh")]).returncode != 0:
            sys.exit(1)
        self._directory, self._settings = pathlib.Path(directory), settings
        self._environment = dict(os.environ)
        if profile:
            self._environment.update(DOTNET_PerfMapEnabled="1", DOTNET_EnableWriteXorExecute="0")
        ports = free_ports(10)
        self.zookeeper_port = ports.pop()
        self._ports = {broker: ports[3 * broker - 3:3 * broker] for broker in (1, 2, 3)}
        self.bootstrap = ",".join(f"127.0.0.1:{gateway}" for _, gateway, _ in self._ports.values())
        self._processes = {}
        self._zookeeper = self._start_zookeeper()
        try:
            for broker in self._ports:
                self._launch(broker)
            for broker in self._ports:
                self._wait_ready(broker)
        except BaseException:
            self.stop()
            raise

    @property
    def brokers(self):
        """The processes of the brokers."""
        return [process.pid for process in self._processes.values()]

    def kafka_port(self, broker):
        return self._ports[broker][0]

    def broker_pid(self, broker):
        return self._processes[broker].pid

    def end_broker(self, broker, how):
        """Sends a signal."""
        self._processes[broker].send_signal(how)

    def wait_ended(self, broker):
        self._processes[broker].wait()

    def start_broker(self, broker):
        """Starts a broker that has ended, with the directory and the ports that it had; returns when it serves."""
        self._launch(broker)
        self._wait_ready(broker)

    def cpu(self):
        """Seconds of processor time that the brokers have used together."""
        return sum(cpu_of(pid) for pid in self.brokers)

    def written(self):
        """Bytes that the brokers have sent to the disk together."""
        return sum(
            int(line.split()[1])
            for pid in self.brokers for line in pathlib.Path(f"/proc/{pid}/io").read_text().splitlines() if line.startswith("write_bytes:"))

    def ostream(self, *arguments):
        done = subprocess.run([str(ROOT / "ostream"), *arguments, "--bootstrap", self.bootstrap], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"ostream {' '.join(arguments)} failed: {done.stderr.strip()}")
        return done.stdout

    def stop(self):
        for process in [*self._processes.values(), self._zookeeper]:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait()

    def _start_zookeeper(self):
        directory = self._directory / "zookeeper"
        directory.mkdir(parents=True)
        configuration = directory / "zoo.cfg"
        configuration.write_text(
            f"tickTime=1000\ndataDir={directory}/data\nclientPort={self.zookeeper_port}\nclientPortAddress=127.0.0.1\n"
            "admin.enableServer=false\nmaxClientCnxns=0\n")
        with open(directory / "log", "ab") as log:
            process = subprocess.Popen(
                ["java", "-Xmx256m", "-cp", JARS, "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                 "org.apache.zookeeper.server.quorum.QuorumPeerMain", str(configuration)],
                stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.zookeeper_port), timeout=1).close()
                return process
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    sys.exit(f"ZooKeeper did not start: {(directory / 'log').read_text()}")
                time.sleep(0.05)

    def _launch(self, broker):
        kafka, gateway, silo = self._ports[broker]
        arguments = [
            "dotnet", str(ROOT / "silo-host/bin/Release/net10.0/silo-host.dll"), "--broker-id", str(broker),
            "--data-dir", str(self._directory / f"broker-{broker}"), "--zookeeper", f"127.0.0.1:{self.zookeeper_port}", "--dashboard-port", "0",
            "--kafka-port", str(kafka), "--gateway-port", str(gateway), "--silo-port", str(silo)]
        for setting in self._settings:
            arguments += ["--set", setting]
        with open(self._directory / f"broker-{broker}.log", "ab") as log:
            self._processes[broker] = subprocess.Popen(
                arguments, stdout=subprocess.PIPE, stderr=log, text=True, env=self._environment, start_new_session=True)

    def _wait_ready(self, broker):
        if not self._processes[broker].stdout.readline().startswith("ready"):
            sys.exit(f"broker {broker} did not start; its log: {(self._directory / f'broker-{broker}.log').read_text()[-4000:]}")


def cpu_of(pid):
    """Seconds of processor time that a process has used."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS
