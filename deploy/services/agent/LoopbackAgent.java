package certbeam;

import static net.bytebuddy.matcher.ElementMatchers.isStatic;
import static net.bytebuddy.matcher.ElementMatchers.nameEndsWith;
import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.takesArgument;

import java.lang.instrument.Instrumentation;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.utility.JavaModule;

/**
 * Binds the gRPC servers of Apache Beam to the loopback address.
 *
 * <p>Beam's job server, expansion service and fn servers advertise "localhost" and listen on all interfaces, and no
 * option changes that. A client of one of them can run code in its process or read the elements of a job. This agent
 * changes the address where a server is built: all interfaces become loopback, and every other address is kept.
 */
public final class LoopbackAgent {
  private static final String SERVER_BUILDER = ".io.grpc.netty.NettyServerBuilder";

  private LoopbackAgent() {}

  /** Entry point for {@code -javaagent}. */
  public static void premain(String arguments, Instrumentation instrumentation) {
    agentmain(arguments, instrumentation);
  }

  /** Entry point for a jar that names this class as its {@code Launcher-Agent-Class}. */
  public static void agentmain(String arguments, Instrumentation instrumentation) {
    new AgentBuilder.Default()
        .with(new StopOnError())
        // Beam has its own copy of gRPC, in a package whose name holds the version.
        .type(nameEndsWith(SERVER_BUILDER))
        .transform(
            (builder, type, loader, module, domain) ->
                builder.visit(
                    Advice.to(BindAddress.class)
                        .on(isStatic().and(named("forAddress")).and(takesArgument(0, SocketAddress.class)))))
        .installOn(instrumentation);
  }

  /** Code at the beginning of {@code NettyServerBuilder.forAddress}, which {@code forPort} calls too. */
  public static final class BindAddress {
    private BindAddress() {}

    /** Replaces an address that means all interfaces. */
    @Advice.OnMethodEnter
    public static void enter(@Advice.Argument(value = 0, readOnly = false) SocketAddress address) {
      if (address instanceof InetSocketAddress) {
        InetSocketAddress given = (InetSocketAddress) address;
        if (!given.isUnresolved() && given.getAddress().isAnyLocalAddress()) {
          address = new InetSocketAddress(InetAddress.getLoopbackAddress(), given.getPort());
        }
      }
    }
  }

  /** Ends the process if the class cannot be changed: its servers would listen on all interfaces. */
  private static final class StopOnError extends AgentBuilder.Listener.Adapter {
    @Override
    public void onError(String type, ClassLoader loader, JavaModule module, boolean loaded, Throwable error) {
      if (type.endsWith(SERVER_BUILDER)) {
        System.err.println(type + " cannot be bound to the loopback address: " + error);
        Runtime.getRuntime().halt(1);
      }
    }
  }
}
