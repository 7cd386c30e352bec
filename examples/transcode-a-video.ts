// You will see: FFmpeg in a container reads a video on a file share and writes another format and a thumbnail beside it.
import { AciClient, runContainerJob } from "aci-lifecycle";
import { startEmulator } from "aci-lifecycle/emulator";

const image = "aci-lifecycle-example/ffmpeg:1"; // made by scripts/ffmpeg-image.sh
const emulator = await startEmulator({ engine: "docker" });
try {
  const share = await emulator.share("mediastore", "videos");
  const client = new AciClient(emulator.clientOptions);
  const ffmpeg = (...args: string[]) =>
    runContainerJob(client, {
      image,
      command: ["/usr/bin/ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "warning", "-y", ...args],
      cpu: 2,
      memoryInGB: 2,
      volumes: [{ name: "videos", azureFile: { account: "mediastore", share: "videos", accountKey: { secureValue: "any: the emulator's shares are folders" } } }],
      mounts: [{ volume: "videos", path: "/videos" }],
    });

  // A test picture with a tone stands for the user's video.
  await ffmpeg("-f", "lavfi", "-i", "testsrc=duration=5:size=1280x720:rate=30", "-f", "lavfi", "-i", "sine=duration=5", "-c:v", "mpeg4", "/videos/in.avi");
  const transcode = await ffmpeg("-i", "/videos/in.avi", "-vf", "scale=640:360", "-c:v", "libx264", "-preset", "veryfast", "-c:a", "aac", "/videos/out.mp4");
  await ffmpeg("-ss", "2", "-i", "/videos/in.avi", "-frames:v", "1", "-vf", "scale=320:-1", "/videos/thumbnail.jpg");

  for (const file of ["in.avi", "out.mp4", "thumbnail.jpg"]) console.log(`${file}: ${(await share.read(file)).length} bytes`);
  console.log(`the transcode ran ${transcode.timings.ranInMs ?? 0} ms; ${emulator.groups().length} container groups are left`);
} finally {
  await emulator.close();
}
