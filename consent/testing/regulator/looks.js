// How the two buttons of the first layer are computed: what makes one stand out against the other.
() => {
  const form = document.querySelector('form:has(input[name="method"][value="banner"])');
  const pixel = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    pixel.clearRect(0, 0, 1, 1);
    pixel.fillStyle = color;
    pixel.fillRect(0, 0, 1, 1);
    return [...pixel.getImageData(0, 0, 1, 1).data];
  };
  const behind = (element) => {
    for (let part = element; part; part = part.parentElement) {
      const color = rgba(getComputedStyle(part).backgroundColor);
      if (color[3] == 255) return color;
    }
    return [255, 255, 255, 255];
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const look = (button) => {
    const style = getComputedStyle(button);
    const [dark, bright] = [light(rgba(style.color)), light(behind(button))].sort((one, other) => one - other);
    return {
      element: button.localName,
      "font size": style.fontSize,
      "font weight": style.fontWeight,
      "font family": style.fontFamily,
      colour: style.color,
      background: `${style.backgroundColor} ${style.backgroundImage}`,
      border: `${style.borderTopWidth} ${style.borderTopStyle} ${style.borderTopColor}`,
      corners: style.borderTopLeftRadius,
      padding: style.padding,
      opacity: style.opacity,
      decoration: style.textDecorationLine,
      visibility: `${style.display} ${style.visibility}`,
      height: `${Math.round(button.getBoundingClientRect().height)}px`,
      contrast: ((bright + 0.05) / (dark + 0.05)).toFixed(2),
    };
  };
  const named = (action) => form.querySelector(`button[name="action"][value="${action}"]`);
  return { accept: look(named("accept")), reject: look(named("reject")) };
};
