import { useEffect } from "preact/hooks";
import { Frame } from "./frame/frame.tsx";
import { SignIn } from "./frame/sign-in.tsx";
import { signedOut } from "./rest/request.ts";
import { loadSession, session } from "./state/session.ts";

export function App() {
  useEffect(() => {
    loadSession().catch(() => {
      session.value = null;
    });
  }, []);
  if (session.value === undefined) return null;
  return session.value === null || signedOut.value ? <SignIn /> : <Frame />;
}
